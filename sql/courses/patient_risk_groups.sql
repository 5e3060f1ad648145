-- The risk group of a patient on an index date: the first that applies.
-- grain: one row a patient and index date
-- units: none
-- source: criteria 5: risk_group
with

final as (
    select
        patient_key,
        index_date,
        case
            when is_hsct_allogeneic then 'hsct_allogeneic'
            when is_aids and is_prolonged then 'aids_prolonged'
            when is_hiv then 'hiv'
            when is_solid_organ_transplant then 'solid_organ_transplant'
            when is_immunocompromised then 'other_immunocompromised'
            when is_immunocompetent then 'immunocompetent'
            else 'unknown'
        end as risk_group
    from patient_flags
)

select * from final
