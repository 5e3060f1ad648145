-- Did the course that failed end soon after its flag day? A planned end counts as planned.
-- grain: one row a suspected or confirmed course
-- units: dates in days
-- source: criteria 8: failing_drug_stopped
with

final as (
    select
        'failing_drug_stopped' as indicator,
        patient_key,
        course_key,
        cast(null as integer) as prescription_key,
        start_date,
        flag_date + $stop_due_days as due_date,
        end_date as found_date,
        case when is_unlikely_resistance then 'information' end as stated,
        case
            when is_unlikely_resistance and end_date > flag_date + $stop_due_days
                then 'went_on'
        end as detail
    from flagged_courses
    where is_case
)

select * from final
