-- A course with a usable day in or after the window has an outcome; one with a resistant result is confirmed.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: criteria 3 and 4
with

seen as (
    select distinct
        rules.rule,
        course_visit_days.course_key
    from course_visit_days
    cross join rules
    where
        course_visit_days.is_usable
        and course_visit_days.day >= rules.window_from
),

resistant as (
    select distinct course_key
    from specimens
    where reading = 'resistant' and course_key is not null
)

select classes.course_key
from classes
inner join seen
    on
        classes.course_key = seen.course_key
        and classes.rule = seen.rule
where classes.outcome is null
union all
select classes.course_key
from classes
inner join resistant on classes.course_key = resistant.course_key
where classes.classification <> 'confirmed'
