-- The extract `followups`: lesion visits that were recorded by the end of the data.
-- grain: one row a visit and lesion.
-- units: dates; recorded_at is a date-time.
-- source: extracts.md; seeds/simulation_visits.csv.
with planned as (
    select
        sim_courses.*,
        sim_visits.visit_slot,
        sim_visits.ahead_days,
        sim_visits.status as stated_status,
        part(course_entropy, visit_slot) as row_entropy,
        whole(
            part(course_entropy, visit_slot), 'visit day', day_from, day_to
        ) as visit_day,
    from sim_courses
    inner join sim_visits
        on
            uniform(part(course_entropy, visit_slot), 'visit')
            < case when fails then failing_share else share end
            and (sim_visits.is_before_loss or not is_lost)
    where is_first or not is_lost
),

course_visits as (
    select
        patient_number * $rows_per_patient
        + course_slot * $rows_per_course + visit_slot as followup_number,
        row_entropy,
        patient_id,
        start_date + visit_day as visit_date,
        case
            when stated_status is not null then stated_status
            when visit_day + ahead_days >= heal_day then 'healed'
            when visit_day = 0 then 'unchanged'
            when visit_day + ahead_days >= improve_day then 'improving'
            when fails then failing_status
            when is_progressing_early then 'progressing'
            else 'unchanged'
        end as lesion_status,
        case when first_route = 'iv' then 'iv' else 'oral' end as subject,
        syndrome,
        is_accessible,
        site_id,
        last_day,
    from planned
    where
        (follow_on_day is null or visit_day < follow_on_day)
        and (stated_status is null or visit_day >= heal_day)
),

breakthroughs as (
    select
        sim_people.*,
        cast(unnest(range(2)) as integer) as visit_slot,
    from sim_people
    where
        has_prophylaxis
        and n_courses = 0
        and uniform(patient_entropy, 'breakthrough') < $breakthrough_share
),

every_visit as (
    select * from course_visits
    union all
    select
        patient_number * $rows_per_patient + $rows_per_patient // 2 + visit_slot,
        part(patient_entropy, visit_slot),
        patient_id,
        prophylaxis_from
        + case
            when visit_slot = 0 then $breakthrough_first_day else
                $breakthrough_second_day
        end,
        case when visit_slot = 0 then 'new' else 'unchanged' end,
        'oral',
        'hsv',
        is_accessible,
        site_id,
        last_day,
    from breakthroughs
),

drawn as (
    select
        *,
        visit_date + lag_days(
            row_entropy, 'visit recorded', $reporting_delay
        ) as recorded_date,
    from every_visit
    where visit_date between $data_start and last_day
)

select
    'V' || format('{:010d}', followup_number) as followup_id,
    patient_id,
    visit_date,
    lesion_status,
    case
        when uniform(row_entropy, 'severity named') >= $severity_missing_share
            then severities.value
    end as severity,
    case
        when uniform(row_entropy, 'syndrome named') < $syndrome_missing_share
            then null
        when uniform(row_entropy, 'other syndrome') >= $other_syndrome_share
            then syndrome
        when syndrome = 'hsv' then 'zoster'
        else 'hsv'
    end as syndrome,
    case
        when uniform(row_entropy, 'accessible') >= $accessible_missing_share
            then is_accessible
    end as accessible,
    site_id,
    cast(recorded_date as timestamp) as recorded_at,
from drawn
inner join sim_choices as severities
    on
        severities.subject = drawn.subject
        and severities.choice = 'severity'
        and severities.slot
        = slot_of(row_entropy, 'severity', $choice_slots)
where recorded_date <= $as_of
