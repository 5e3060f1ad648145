-- Courses flagged, confirmed or cleared since the previous run.
-- grain: one row a course that was or is suspected or confirmed and is so otherwise
-- units: dates in days
-- source: report, question 3
with

now_flagged as (
    select
        patient_id,
        start_date,
        dosing,
        site_id,
        classification,
        reason,
        classification in ('suspected', 'confirmed') as is_flagged
    from courses
),

before_flagged as (
    select
        patient_id,
        start_date,
        dosing,
        site_id,
        classification
    from previous_courses
    where classification in ('suspected', 'confirmed')
),

paired as (
    select
        coalesce(now_flagged.patient_id, before_flagged.patient_id) as patient_id,
        coalesce(now_flagged.start_date, before_flagged.start_date) as start_date,
        coalesce(now_flagged.dosing, before_flagged.dosing) as dosing,
        coalesce(now_flagged.site_id, before_flagged.site_id) as site_id,
        before_flagged.classification as previous_classification,
        now_flagged.classification,
        now_flagged.reason,
        coalesce(now_flagged.is_flagged, false) as is_flagged
    from now_flagged
    full join before_flagged
        on
            now_flagged.patient_id = before_flagged.patient_id
            and now_flagged.start_date = before_flagged.start_date
            and now_flagged.dosing = before_flagged.dosing
    where now_flagged.is_flagged or before_flagged.patient_id is not null
),

final as (
    select
        patient_id,
        site_id,
        start_date,
        dosing,
        previous_classification,
        classification,
        reason,
        case
            when not is_flagged then 'newly_cleared'
            when
                classification = 'confirmed'
                and coalesce(previous_classification <> 'confirmed', true)
                then 'newly_confirmed'
            when previous_classification is null then 'newly_flagged'
        end as change
    from paired
)

select *
from final
where change is not null
order by change, start_date, patient_id, dosing
