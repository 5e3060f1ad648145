-- The days on which a systemic tk_dependent prescription starts, on which a patient's flags are asked for.
-- grain: one row a patient and index date
-- units: none
-- source: criteria 5
with

final as (
    select distinct
        patient_key,
        start_date as index_date
    from systemic_prescriptions
)

select * from final
