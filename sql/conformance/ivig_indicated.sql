-- Where IVIG was begun with open lesions, was IgG low enough?
-- grain: one row a prescription of IVIG with open lesions
-- units: IgG in mg/dL
-- source: criteria 8: ivig_indicated; of one day's results the lowest counts
with

last_results as (
    select
        ivig_starts.prescription_key,
        results.collected_date,
        (results.value_operator is null and results.value < $igg_below)
        or (results.value_operator = '<' and results.value <= $igg_below)
        or (results.value_operator = '<=' and results.value < $igg_below) as is_low,
        (
            results.value_operator is null
            or results.value_operator in ('>', '>=')
        )
        and results.value >= $igg_below as is_not_low
    from ivig_starts
    inner join results
        on
            ivig_starts.patient_key = results.patient_key
            and results.collected_date
            between ivig_starts.start_date - $igg_lookback_days
            and ivig_starts.start_date
    where
        ivig_starts.has_open_lesion
        and results.test = 'igg'
        and results.value is not null
    qualify
        rank() over (
            partition by ivig_starts.prescription_key
            order by results.collected_date desc
        ) = 1
),

readings as (
    select
        prescription_key,
        max(collected_date) as collected_date,
        bool_or(coalesce(is_low, false)) as is_low,
        bool_or(coalesce(is_not_low, false)) as is_not_low
    from last_results
    group by prescription_key
),

final as (
    select
        'ivig_indicated' as indicator,
        ivig_starts.patient_key,
        cast(null as integer) as course_key,
        ivig_starts.prescription_key,
        ivig_starts.start_date,
        cast(null as date) as due_date,
        readings.collected_date as found_date,
        case
            when readings.is_low then 'met'
            when readings.is_not_low then 'missed'
            else 'cannot_judge'
        end as stated,
        case when readings.prescription_key is null then 'without_igg' end as detail
    from ivig_starts
    left join readings
        on ivig_starts.prescription_key = readings.prescription_key
    where ivig_starts.has_open_lesion
)

select * from final
