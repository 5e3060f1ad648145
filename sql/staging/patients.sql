-- Every patient that any accepted row names, with an integer key in the order of the ids.
-- grain: one row a patient
-- units: weight in kg
-- source: extracts: patients
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
        cast(
            $keys_before + row_number() over (order by named.patient_id) as integer
        ) as patient_key,
        named.patient_id,
        accepted_patients.birth_year,
        accepted_patients.weight_kg
    from named
    left join accepted_patients on named.patient_id = accepted_patients.patient_id
)

select * from final
