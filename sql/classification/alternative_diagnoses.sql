-- Failed courses with another diagnosis: an event, or VZV without HSV in the laboratory.
-- grain: one row a course and rule with another diagnosis
-- units: dates in days
-- source: criteria 4: alternative diagnosis
with

windows as (
    select
        outcomes.rule,
        outcomes.course_key,
        kept_courses.patient_key,
        kept_courses.syndrome,
        kept_courses.start_date - $mimic_before_days as window_start,
        outcomes.deciding_date + $mimic_after_days as window_end
    from outcomes
    inner join kept_courses on outcomes.course_key = kept_courses.course_key
    where outcomes.outcome = 'failed'
),

from_events as (
    select distinct
        windows.rule,
        windows.course_key
    from windows
    inner join events
        on
            windows.patient_key = events.patient_key
            and events.event_date between windows.window_start and windows.window_end
    where events.is_alternative_diagnosis
),

from_laboratory as (
    select
        windows.rule,
        windows.course_key
    from windows
    inner join results
        on
            windows.patient_key = results.patient_key
            and results.collected_date
            between windows.window_start and windows.window_end
    where windows.syndrome = 'hsv' and results.result = 'positive'
    group by windows.rule, windows.course_key
    having
        bool_or(results.test = 'vzv_pcr')
        and not bool_or(results.test in ('hsv_pcr', 'hsv_culture'))
),

final as (
    select * from from_events
    union
    select * from from_laboratory
)

select * from final
