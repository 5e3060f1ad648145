-- Was a specimen collected before the first alternative that followed the flag day?
-- grain: one row a suspected or confirmed course with an alternative after its flag day
-- units: dates in days
-- source: criteria 8: culture_before_switch
with

switched as (
    select
        flagged_courses.course_key,
        flagged_courses.patient_key,
        flagged_courses.start_date,
        min(prescriptions.start_date) as alternative_date
    from flagged_courses
    inner join prescriptions
        on
            flagged_courses.patient_key = prescriptions.patient_key
            and prescriptions.start_date
            between flagged_courses.flag_date
            and flagged_courses.flag_date + $switch_window_days
    where flagged_courses.is_case and prescriptions.drug_class = 'alternative'
    group by
        flagged_courses.course_key,
        flagged_courses.patient_key,
        flagged_courses.start_date
),

collected as (
    select
        switched.course_key,
        min(specimens_taken.collected_date) as collected_date
    from switched
    inner join specimens_taken
        on
            switched.patient_key = specimens_taken.patient_key
            and specimens_taken.collected_date
            between switched.start_date and switched.alternative_date
    where specimens_taken.is_resistance_test
    group by switched.course_key
),

final as (
    select
        'culture_before_switch' as indicator,
        switched.patient_key,
        switched.course_key,
        cast(null as integer) as prescription_key,
        switched.start_date,
        cast(null as date) as due_date,
        collected.collected_date as found_date,
        case
            when collected.course_key is not null then 'met'
            else 'missed'
        end as stated,
        cast(null as varchar) as detail
    from switched
    left join collected on switched.course_key = collected.course_key
)

select * from final
