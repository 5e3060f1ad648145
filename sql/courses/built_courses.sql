-- Courses: treatment prescriptions of one patient and one dosing value, joined across short gaps.
-- grain: one row a course, absorbed ones included
-- units: dates and lengths in days; adherence a share
-- source: criteria 2.6 to 2.9
with

ordered as (
    select
        patient_key,
        prescription_key,
        dosing,
        start_date,
        end_date,
        days,
        drug,
        syndrome,
        site_id,
        case
            when adherence is null and route = 'iv' then cast(1 as decimal(14, 12))
            else adherence
        end as counted_adherence,
        max(end_date) over (
            partition by patient_key, dosing
            order by start_date, prescription_key
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from treatment_prescriptions
),

marked as (
    select
        *,
        coalesce(start_date > covered_until + (1 + $course_gap_days), true)
            as is_first
    from ordered
),

numbered as (
    select
        *,
        sum(case when is_first then 1 else 0 end) over (
            partition by patient_key, dosing
            order by start_date, prescription_key
            rows between unbounded preceding and current row
        ) as course_number
    from marked
),

spans as (
    select
        patient_key,
        dosing,
        course_number,
        min(start_date) as start_date,
        max(end_date) as end_date,
        date_diff('day', min(start_date), max(end_date)) + 1 as length_days,
        min(drug) as first_drug,
        max(drug) as last_drug,
        cast(sum(counted_adherence * days) as decimal(30, 12)) as adherent_days,
        cast(
            sum(days) filter (where counted_adherence is not null) as integer
        ) as known_days,
        max(syndrome) filter (where is_first) as syndrome,
        max(site_id) filter (where is_first) as site_id,
        count(*) as n_prescriptions
    from numbered
    group by patient_key, dosing, course_number
),

-- Few courses change the drug: a list is made for those alone.
changed_drugs as (
    select
        spans.patient_key,
        spans.dosing,
        spans.course_number,
        string_agg(distinct numbered.drug, ', ' order by numbered.drug) as drugs
    from spans
    inner join numbered
        on
            spans.patient_key = numbered.patient_key
            and spans.dosing = numbered.dosing
            and spans.course_number = numbered.course_number
    where spans.first_drug <> spans.last_drug
    group by spans.patient_key, spans.dosing, spans.course_number
),

absorbed as (
    select distinct
        spans.patient_key,
        spans.dosing,
        spans.course_number
    from spans
    inner join spans as adequate_spans
        on
            spans.patient_key = adequate_spans.patient_key
            and adequate_spans.dosing = 'adequate'
            and adequate_spans.start_date <= spans.end_date
            and adequate_spans.end_date >= spans.start_date
    where
        spans.dosing <> 'adequate'
        and date_diff(
            'day',
            greatest(spans.start_date, adequate_spans.start_date),
            least(spans.end_date, adequate_spans.end_date)
        ) + 1 >= $absorbing_overlap_share * spans.length_days
),

final as (
    select
        spans.patient_key,
        spans.dosing,
        cast(seed_dosings.dosing_rank as integer) as dosing_rank,
        spans.start_date,
        spans.end_date,
        cast(spans.length_days as integer) as length_days,
        coalesce(changed_drugs.drugs, spans.first_drug) as drugs,
        spans.adherent_days,
        spans.known_days,
        spans.syndrome,
        spans.site_id,
        cast(spans.n_prescriptions as integer) as n_prescriptions,
        absorbed.course_number is not null as is_absorbed
    from spans
    inner join seed_dosings on spans.dosing = seed_dosings.dosing
    left join changed_drugs
        on
            spans.patient_key = changed_drugs.patient_key
            and spans.dosing = changed_drugs.dosing
            and spans.course_number = changed_drugs.course_number
    left join absorbed
        on
            spans.patient_key = absorbed.patient_key
            and spans.dosing = absorbed.dosing
            and spans.course_number = absorbed.course_number
)

select * from final
