-- The conditions that are documented for a patient on an index date.
-- grain: one row a patient and index date that lies in an immune period
-- units: none
-- source: criteria 5
with

final as (
    select
        index_dates.patient_key,
        index_dates.index_date,
        bool_or(immune_periods.is_hiv) as is_hiv,
        bool_or(immune_periods.is_aids) as is_aids,
        bool_or(immune_periods.is_hsct_allogeneic) as is_hsct_allogeneic,
        bool_or(immune_periods.is_solid_organ_transplant)
            as is_solid_organ_transplant,
        bool_or(immune_periods.is_immunocompromised) as is_immunocompromised,
        bool_or(immune_periods.is_none_documented) as is_none_documented
    from index_dates
    inner join immune_periods
        on
            index_dates.patient_key = immune_periods.patient_key
            and immune_periods.from_date <= index_dates.index_date
            and (
                immune_periods.to_date is null
                or immune_periods.to_date >= index_dates.index_date
            )
    group by index_dates.patient_key, index_dates.index_date
)

select * from final
