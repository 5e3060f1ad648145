-- Who the patient is on each day on which a systemic tk_dependent prescription starts.
-- grain: one row a patient and index date
-- units: none
-- source: criteria 5
with

first_results as (
    select
        patient_key,
        min(collected_date) filter (
            where test = 'hiv_test' and result = 'positive'
        ) as hiv_positive_from,
        min(collected_date) filter (
            where
            test = 'cd4'
            and (
                (value_operator is null and value < $aids_cd4_below)
                or (value_operator = '<' and value <= $aids_cd4_below)
                or (value_operator = '<=' and value < $aids_cd4_below)
            )
        ) as low_cd4_from
    from results
    where test in ('hiv_test', 'cd4')
    group by patient_key
),

flagged as (
    select
        index_dates.patient_key,
        index_dates.index_date,
        coalesce(conditions_held.is_hiv, false)
        or coalesce(
            first_results.hiv_positive_from <= index_dates.index_date, false
        ) as is_hiv,
        coalesce(conditions_held.is_aids, false) as has_aids_condition,
        coalesce(first_results.low_cd4_from <= index_dates.index_date, false)
            as has_low_cd4,
        coalesce(conditions_held.is_hsct_allogeneic, false) as is_hsct_allogeneic,
        coalesce(conditions_held.is_solid_organ_transplant, false)
            as is_solid_organ_transplant,
        coalesce(conditions_held.is_immunocompromised, false) as has_condition,
        coalesce(conditions_held.is_none_documented, false) as is_none_documented,
        coalesce(recent_therapy.therapy_days >= $prolonged_therapy_days, false)
            as is_prolonged
    from index_dates
    left join conditions_held
        on
            index_dates.patient_key = conditions_held.patient_key
            and index_dates.index_date = conditions_held.index_date
    left join first_results
        on index_dates.patient_key = first_results.patient_key
    left join recent_therapy
        on
            index_dates.patient_key = recent_therapy.patient_key
            and index_dates.index_date = recent_therapy.index_date
),

named as (
    select
        patient_key,
        index_date,
        is_hiv,
        has_aids_condition or (is_hiv and has_low_cd4) as is_aids,
        is_hsct_allogeneic,
        is_solid_organ_transplant,
        has_condition or is_hiv as is_immunocompromised,
        not (has_condition or is_hiv)
        and (is_none_documented or $absent_immune_status = 'immunocompetent')
            as is_immunocompetent,
        is_prolonged
    from flagged
),

final as (
    select
        *,
        case
            when is_hsct_allogeneic then 'hsct_allogeneic'
            when is_aids and is_prolonged then 'aids_prolonged'
            when is_hiv then 'hiv'
            when is_solid_organ_transplant then 'solid_organ_transplant'
            when is_immunocompromised then 'other_immunocompromised'
            when is_immunocompetent then 'immunocompetent'
            else 'unknown'
        end as risk_group
    from named
)

select * from final
