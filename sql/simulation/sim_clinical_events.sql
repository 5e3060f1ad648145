-- The extract `clinical_events`: other diagnoses, consults, deaths, pregnancies.
-- grain: one row an event.
-- units: dates; recorded_at is a date-time.
-- source: extracts.md; seeds/simulation_events.csv.
with course_events as (
    select
        patient_number * $rows_per_patient
        + course_slot * $rows_per_course
        -- an event and its end share a slot, and so the draw that decides on both
        + event_slot
        + case when event = 'pregnancy_end' then $rows_per_course // 2 else 0 end
            as event_number,
        patient_id,
        part(course_entropy, event_slot) as row_entropy,
        start_date
        + whole(
            part(course_entropy, event_slot), 'event day', day_from, day_to
        ) as event_date,
        case
            when event = 'other_diagnosis' then other_diagnoses.value else event
        end as event,
        last_day,
    from sim_courses
    inner join sim_events
        on
            uniform(part(course_entropy, event_slot), 'event')
            < sim_events.share
            and sim_events.population in ('any', sim_courses.population)
    inner join sim_choices as other_diagnoses
        on
            other_diagnoses.subject = 'any'
            and other_diagnoses.choice = 'other_diagnosis'
            and other_diagnoses.slot
            = slot_of(course_entropy, 'which diagnosis', $choice_slots)
    where
        case sim_events.occasion
            when 'any' then true
            when 'failing' then fails and not is_lost
            when 'other_diagnosis' then has_other_diagnosis and is_first
        end
),

every_event as (
    select * from course_events
    union all
    select
        patient_number * $rows_per_patient + $rows_per_patient // 2,
        patient_id,
        patient_entropy,
        left_on,
        leaving_event,
        last_day,
    from sim_people
    where left_on is not null
),

recorded as (
    select
        *,
        event_date + lag_days(
            row_entropy, 'event recorded', $reporting_delay
        ) as recorded_date,
    from every_event
    where event_date <= last_day
)

select
    'E' || format('{:010d}', event_number) as event_id,
    patient_id,
    event_date,
    event,
    cast(recorded_date as timestamp) as recorded_at,
from recorded
where recorded_date <= $as_of
