-- The events around a course, and which of them are another diagnosis or end its follow-up.
-- grain: one row a course and event
-- units: day 0 is the start
-- source: criteria 3 and 4
with

failed as (
    select
        course_key,
        deciding_date
    from outcomes
    where rule = 'headline' and outcome = 'failed'
),

final as (
    select
        kept_courses.course_key,
        events.file_id,
        events.line,
        events.event_date,
        cast(
            date_diff('day', kept_courses.start_date, events.event_date) as integer
        ) as day,
        events.event,
        seed_events.label,
        events.ends_followup,
        events.is_alternative_diagnosis,
        events.is_alternative_diagnosis
        and coalesce(
            events.event_date <= failed.deciding_date + $mimic_after_days, false
        ) as explains_failure
    from kept_courses
    inner join events
        on
            kept_courses.patient_key = events.patient_key
            and events.event_date
            between kept_courses.start_date - $mimic_before_days
            and kept_courses.end_date + $closing_days
    inner join seed_events on events.event = seed_events.event
    left join failed on kept_courses.course_key = failed.course_key
)

select * from final
