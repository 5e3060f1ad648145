-- Was a topical alternative as strong, as often and as long given as it is described?
-- grain: one row a treatment with a topical alternative that has ended
-- units: strength in per cent, days
-- source: criteria 8: topical_regimen; topical_regimens seed
with

asked as (
    select
        drug,
        cast(nullif(strength_from, '') as decimal(6, 2)) as strength_from,
        cast(nullif(strength_to, '') as decimal(6, 2)) as strength_to,
        cast(nullif(doses_from, '') as decimal(6, 2)) as doses_from,
        cast(nullif(doses_to, '') as decimal(6, 2)) as doses_to,
        cast(nullif(days_from, '') as integer) as days_from,
        cast(nullif(days_to, '') as integer) as days_to
    from seed_topical_regimens
),

healed as (
    select distinct prescription_key
    from treatment_days
    where is_healed and is_under_treatment
),

compared as (
    select
        alternative_treatments.*,
        healed.prescription_key is not null as is_healed,
        asked.drug is not null
        and (
            alternative_treatments.is_strength_known or asked.strength_from is null
        )
        and (
            alternative_treatments.is_frequency_known or asked.doses_from is null
        ) as is_known,
        coalesce(
            alternative_treatments.lowest_strength < asked.strength_from
            or alternative_treatments.highest_strength > asked.strength_to
            or alternative_treatments.fewest_doses < asked.doses_from
            or alternative_treatments.most_doses > asked.doses_to
            or alternative_treatments.days_given < asked.days_from
            or alternative_treatments.days_given > asked.days_to,
            false
        ) as is_off
    from alternative_treatments
    left join asked on alternative_treatments.drug = asked.drug
    left join healed
        on alternative_treatments.prescription_key = healed.prescription_key
    where
        not alternative_treatments.is_systemic
        and alternative_treatments.end_date <= $as_of
),

final as (
    select
        'topical_regimen' as indicator,
        patient_key,
        cast(null as integer) as course_key,
        prescription_key,
        start_date,
        cast(null as date) as due_date,
        end_date as found_date,
        case
            when is_healed then 'met'
            when is_off then 'missed'
            when is_known then 'met'
            else 'cannot_judge'
        end as stated,
        case
            when is_healed and is_off then 'healed_earlier'
            when not is_healed and not is_off and not is_known then 'without_dose'
        end as detail
    from compared
)

select * from final
