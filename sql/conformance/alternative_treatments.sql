-- Treatments with an alternative drug: its prescriptions, joined across short gaps.
-- grain: one row a patient, alternative drug, way of giving it and unbroken treatment
-- units: strength in per cent, lengths in days; a gap counts for no day given
-- source: criteria 8: foscarnet_duration, topical_regimen, cidofovir_after_foscarnet
with

ordered as (
    select
        patient_key,
        prescription_key,
        drug,
        is_systemic,
        case when dose_unit = '%' then dose end as strength,
        doses_per_day,
        start_date,
        end_date,
        max(end_date) over (
            partition by patient_key, drug, is_systemic
            order by start_date, prescription_key
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from prescriptions
    where
        drug_class = 'alternative'
        and intent is distinct from 'prophylaxis'
),

numbered as (
    select
        *,
        greatest(
            date_diff('day', greatest(start_date, covered_until + 1), end_date) + 1, 0
        ) as days_added,
        sum(
            case
                when start_date <= covered_until + (1 + $course_gap_days) then 0
                else 1
            end
        ) over (
            partition by patient_key, drug, is_systemic
            order by start_date, prescription_key
            rows between unbounded preceding and current row
        ) as treatment_number
    from ordered
),

final as (
    select
        patient_key,
        drug,
        is_systemic,
        min(prescription_key) as prescription_key,
        min(start_date) as start_date,
        max(end_date) as end_date,
        cast(sum(days_added) as integer) as days_given,
        min(strength) as lowest_strength,
        max(strength) as highest_strength,
        min(doses_per_day) as fewest_doses,
        max(doses_per_day) as most_doses,
        count(*) = count(strength) as is_strength_known,
        count(*) = count(doses_per_day) as is_frequency_known
    from numbered
    group by patient_key, drug, is_systemic, treatment_number
)

select * from final
