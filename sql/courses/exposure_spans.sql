-- Days covered by systemic tk_dependent drugs of any intent, joined where they touch.
-- grain: one row an unbroken span of a patient
-- units: dates in days
-- source: criteria 5: is_prolonged
with

ordered as (
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
    from systemic_prescriptions
),

numbered as (
    select
        patient_key,
        start_date,
        end_date,
        sum(case when start_date <= covered_until + 1 then 0 else 1 end) over (
            partition by patient_key
            order by start_date, prescription_key
            rows between unbounded preceding and current row
        ) as span_number
    from ordered
),

final as (
    select
        patient_key,
        min(start_date) as span_start,
        max(end_date) as span_end
    from numbered
    group by patient_key, span_number
)

select * from final
