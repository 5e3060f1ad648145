-- Accepted immune status rows with what each condition means; HIV and AIDS never end.
-- grain: one row a condition and period
-- units: dates in days
-- source: criteria 5
with

final as (
    select
        patients.patient_key,
        accepted_immune_status.file_id,
        accepted_immune_status.line,
        accepted_immune_status.condition,
        accepted_immune_status.from_date,
        case
            when seed_conditions.never_ends = 'true' then null
            else accepted_immune_status.to_date
        end as to_date,
        seed_conditions.is_hiv = 'true' as is_hiv,
        seed_conditions.is_aids = 'true' as is_aids,
        seed_conditions.is_hsct_allogeneic = 'true' as is_hsct_allogeneic,
        seed_conditions.is_solid_organ_transplant = 'true'
            as is_solid_organ_transplant,
        seed_conditions.is_immunocompromised = 'true' as is_immunocompromised,
        seed_conditions.is_none_documented = 'true' as is_none_documented
    from accepted_immune_status
    inner join patients on accepted_immune_status.patient_id = patients.patient_id
    inner join seed_conditions
        on accepted_immune_status.condition = seed_conditions.condition
)

select * from final
