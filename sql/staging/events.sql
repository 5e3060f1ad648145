-- Accepted clinical events with what each means for a course.
-- grain: one row an event
-- units: dates in days
-- source: criteria 3 and 4
with

final as (
    select
        patients.patient_key,
        accepted_clinical_events.file_id,
        accepted_clinical_events.line,
        accepted_clinical_events.event_date,
        accepted_clinical_events.event,
        seed_events.is_alternative_diagnosis = 'true' as is_alternative_diagnosis,
        seed_events.ends_followup = 'true' as ends_followup
    from accepted_clinical_events
    inner join patients
        on accepted_clinical_events.patient_id = patients.patient_id
    inner join seed_events on accepted_clinical_events.event = seed_events.event
)

select * from final
