-- The part of a large delivery in which a patient is walked: as many patients in each, in the order of the ids.
-- grain: one row a patient that any accepted row names
-- units: none
-- source: ours: memory is then that of a part
with

named as (
    select patient_id from accepted_prescriptions
    union
    select patient_id from accepted_followups
    union
    select patient_id from accepted_immune_status
    union
    select patient_id from accepted_labs
    union
    select patient_id from accepted_clinical_events
    union
    select patient_id from accepted_patients
),

final as (
    select
        patient_id,
        cast(ntile($n_parts) over (order by patient_id) as integer) as part
    from named
)

select * from final
