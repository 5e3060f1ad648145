-- Where lesions could be reached, was the first alternative a topical one?
-- grain: one row a suspected or confirmed course with an accessible lesion and an alternative
-- units: dates in days
-- source: criteria 8: topical_first_if_accessible
with

switched as (
    select
        flagged_courses.course_key,
        flagged_courses.patient_key,
        flagged_courses.start_date,
        given_instead.alternative_date
    from flagged_courses
    inner join given_instead on flagged_courses.course_key = given_instead.course_key
    where flagged_courses.is_case and given_instead.alternative_date is not null
),

accessible as (
    select distinct switched.course_key
    from switched
    inner join visits
        on
            switched.patient_key = visits.patient_key
            and visits.visit_date
            between switched.start_date and switched.alternative_date
    where visits.is_accessible
),

final as (
    select
        'topical_first_if_accessible' as indicator,
        switched.patient_key,
        switched.course_key,
        cast(null as integer) as prescription_key,
        switched.start_date,
        cast(null as date) as due_date,
        switched.alternative_date as found_date,
        'information' as stated,
        case
            when bool_or(not prescriptions.is_systemic) then 'topical_first'
            else 'systemic_first'
        end as detail
    from switched
    inner join accessible on switched.course_key = accessible.course_key
    inner join prescriptions
        on
            switched.patient_key = prescriptions.patient_key
            and switched.alternative_date = prescriptions.start_date
    where prescriptions.drug_class = 'alternative'
    group by
        switched.course_key,
        switched.patient_key,
        switched.start_date,
        switched.alternative_date
)

select * from final
