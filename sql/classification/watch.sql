-- Courses in no rate that need a second look.
-- grain: one row a course on the watch list
-- units: day 0 is the start
-- source: criteria 4: watch
with

headline as (
    select
        classes.*,
        kept_courses.end_date,
        kept_courses.followup_ends
    from classes
    inner join kept_courses on classes.course_key = kept_courses.course_key
    where classes.rule = 'headline'
),

last_usable_days as (
    select
        course_key,
        day,
        is_progressing
    from course_visit_days
    where is_usable
    qualify row_number() over (partition by course_key order by day desc) = 1
),

relapses as (
    select distinct headline.course_key
    from headline
    inner join course_visit_days
        on
            headline.course_key = course_visit_days.course_key
            and headline.deciding_day < course_visit_days.day
    where
        headline.classification = 'responded'
        and course_visit_days.is_under_therapy
        and course_visit_days.is_progressing
),

judged as (
    select
        headline.course_key,
        case
            when
                (
                    headline.classification = 'pending'
                    or headline.reason = 'no_followup'
                )
                and last_usable_days.is_progressing
                and last_usable_days.day between $watch_from_day and $watch_to_day
                then 'progressing_early'
            when
                headline.reason = 'switched_early'
                and last_usable_days.is_progressing
                then 'switched_while_progressing'
            when relapses.course_key is not null then 'relapse_on_therapy'
        end as watch
    from headline
    left join last_usable_days on headline.course_key = last_usable_days.course_key
    left join relapses on headline.course_key = relapses.course_key
),

final as (
    select * from judged
    where watch is not null
)

select * from final
