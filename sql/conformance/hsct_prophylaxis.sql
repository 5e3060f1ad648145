-- Are the days of the first year after an allogeneic transplant covered by prophylaxis?
-- grain: one row a patient and first day of an allogeneic transplant
-- units: days
-- source: criteria 8: hsct_prophylaxis; prophylaxis_regimens seed
with

transplants as (
    select distinct
        patient_key,
        from_date as start_date,
        least(from_date + ($prophylaxis_days - 1), $as_of) as last_date
    from immune_periods
    where is_hsct_allogeneic and from_date + $transplant_from_days <= $as_of
),

covered as (
    select
        transplants.patient_key,
        transplants.start_date,
        sum(
            date_diff(
                'day',
                greatest(exposure_spans.span_start, transplants.start_date),
                least(exposure_spans.span_end, transplants.last_date)
            ) + 1
        ) as covered_days
    from transplants
    inner join exposure_spans
        on
            transplants.patient_key = exposure_spans.patient_key
            and exposure_spans.span_start <= transplants.last_date
            and exposure_spans.span_end >= transplants.start_date
    group by transplants.patient_key, transplants.start_date
),

doses as (
    select
        transplants.patient_key,
        transplants.start_date,
        bool_and(seed_prophylaxis_regimens.drug is not null) as is_as_named
    from transplants
    inner join prescriptions
        on
            transplants.patient_key = prescriptions.patient_key
            and prescriptions.start_date <= transplants.last_date
            and prescriptions.end_date >= transplants.start_date
    left join seed_dose_units
        on
            prescriptions.route = seed_dose_units.route
            and prescriptions.dose_unit = seed_dose_units.dose_unit
    left join seed_prophylaxis_regimens
        on
            prescriptions.drug = seed_prophylaxis_regimens.drug
            and prescriptions.route = 'oral'
            and prescriptions.dose * cast(seed_dose_units.factor as integer)
            = cast(seed_prophylaxis_regimens.dose_mg as integer)
            and prescriptions.doses_per_day
            = cast(seed_prophylaxis_regimens.doses_per_day as integer)
    where prescriptions.drug_class = 'tk_dependent' and prescriptions.is_systemic
    group by transplants.patient_key, transplants.start_date
),

departed as (
    select distinct
        transplants.patient_key,
        transplants.start_date
    from transplants
    inner join events
        on
            transplants.patient_key = events.patient_key
            and events.event_date
            between transplants.start_date and transplants.last_date
    where events.ends_followup
),

judged as (
    select
        transplants.*,
        coalesce(
            covered.covered_days >= $prophylaxis_min_share * (
                date_diff('day', transplants.start_date, transplants.last_date) + 1
            ),
            false
        ) as is_covered,
        doses.is_as_named,
        departed.patient_key is not null as has_departed
    from transplants
    left join covered
        on
            transplants.patient_key = covered.patient_key
            and transplants.start_date = covered.start_date
    left join doses
        on
            transplants.patient_key = doses.patient_key
            and transplants.start_date = doses.start_date
    left join departed
        on
            transplants.patient_key = departed.patient_key
            and transplants.start_date = departed.start_date
),

final as (
    select
        'hsct_prophylaxis' as indicator,
        patient_key,
        cast(null as integer) as course_key,
        cast(null as integer) as prescription_key,
        start_date,
        cast(null as date) as due_date,
        last_date as found_date,
        case when is_covered then 'met' else 'missed' end as stated,
        case
            when not is_covered and has_departed then 'died_or_left'
            when is_as_named is null then 'nothing_given'
            when is_as_named then 'dose_as_named'
            else 'other_dose'
        end as detail
    from judged
)

select * from final
