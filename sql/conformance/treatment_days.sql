-- Days on which lesions were seen during treatment with an alternative, or soon after it.
-- grain: one row a treatment with an alternative and day
-- units: dates in days
-- source: criteria 8
with

final as (
    select
        alternative_treatments.prescription_key,
        visits.visit_date,
        bool_and(visits.is_healed) as is_healed,
        bool_and(seed_lesion_statuses.is_responding = 'true') as is_responding,
        visits.visit_date <= alternative_treatments.end_date as is_under_treatment
    from alternative_treatments
    inner join visits
        on
            alternative_treatments.patient_key = visits.patient_key
            and visits.visit_date
            between alternative_treatments.start_date
            and alternative_treatments.end_date + $after_course_days
    inner join seed_lesion_statuses
        on visits.status_rank = cast(seed_lesion_statuses.status_rank as integer)
    group by
        alternative_treatments.prescription_key,
        alternative_treatments.end_date,
        visits.visit_date
)

select * from final
