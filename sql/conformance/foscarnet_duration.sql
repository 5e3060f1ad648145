-- Was foscarnet given until the lesions were healed, or long enough?
-- grain: one row a treatment with systemic foscarnet that has ended
-- units: days
-- source: criteria 8: foscarnet_duration
with

healed as (
    select distinct prescription_key
    from treatment_days
    where is_healed and is_under_treatment
),

final as (
    select
        'foscarnet_duration' as indicator,
        alternative_treatments.patient_key,
        cast(null as integer) as course_key,
        alternative_treatments.prescription_key,
        alternative_treatments.start_date,
        cast(null as date) as due_date,
        alternative_treatments.end_date as found_date,
        case
            when
                healed.prescription_key is not null
                or alternative_treatments.days_given >= $foscarnet_min_days
                then 'met'
            else 'missed'
        end as stated,
        case
            when alternative_treatments.days_given >= $foscarnet_long_days
                then 'two_weeks_or_longer'
            when healed.prescription_key is not null then 'healed_earlier'
        end as detail
    from alternative_treatments
    left join healed
        on alternative_treatments.prescription_key = healed.prescription_key
    where
        alternative_treatments.drug = 'foscarnet'
        and alternative_treatments.is_systemic
        and alternative_treatments.end_date <= $as_of
)

select * from final
