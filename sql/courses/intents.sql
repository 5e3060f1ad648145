-- The intent of systemic tk_dependent prescriptions that carry none: long runs without a lesion are prophylaxis.
-- grain: one row a prescription without a given intent
-- units: dates in days
-- source: criteria 2.2; ours
with

unstated as (
    select
        patient_key,
        prescription_key,
        start_date,
        end_date,
        max(end_date) over (
            partition by patient_key
            order by start_date, prescription_key
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from prescriptions
    where drug_class = 'tk_dependent' and is_systemic and intent is null
),

numbered as (
    select
        *,
        sum(
            case
                when start_date <= covered_until + (1 + $prophylaxis_gap_days) then 0
                else 1
            end
        ) over (
            partition by patient_key
            order by start_date, prescription_key
            rows between unbounded preceding and current row
        ) as run_number
    from unstated
),

runs as (
    select
        patient_key,
        run_number,
        min(start_date) as run_start,
        max(end_date) as run_end
    from numbered
    group by patient_key, run_number
),

runs_with_lesion as (
    select distinct
        runs.patient_key,
        runs.run_number
    from runs
    inner join visits
        on
            runs.patient_key = visits.patient_key
            and visits.visit_date
            between runs.run_start - $intent_visit_before_days
            and runs.run_start + $intent_visit_after_days
    where not visits.is_healed
),

final as (
    select
        numbered.prescription_key,
        case
            when runs_with_lesion.run_number is not null then 'treatment'
            when
                date_diff('day', runs.run_start, runs.run_end) + 1
                >= $prophylaxis_min_days
                then 'prophylaxis'
            else 'treatment'
        end as intent
    from numbered
    inner join runs
        on
            numbered.patient_key = runs.patient_key
            and numbered.run_number = runs.run_number
    left join runs_with_lesion
        on
            numbered.patient_key = runs_with_lesion.patient_key
            and numbered.run_number = runs_with_lesion.run_number
)

select * from final
