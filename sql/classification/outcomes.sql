-- The deciding visit of a course under each rule, and the outcome that it gives.
-- grain: one row a kept course and rule with a deciding visit
-- units: day 0 is the start
-- source: criteria 3
with

candidates as (
    select
        rules.rule,
        course_visit_days.course_key,
        max(course_visit_days.day) filter (
            where
            course_visit_days.day between rules.window_from and $window_to
        ) as last_day_in_window,
        min(course_visit_days.day) filter (
            where course_visit_days.day > $window_to
        ) as first_day_after,
        max(course_visit_days.day) filter (
            where course_visit_days.day < rules.window_from
        ) as last_day_before
    from course_visit_days
    cross join rules
    where course_visit_days.is_usable
    group by rules.rule, course_visit_days.course_key
),

chosen as (
    select
        *,
        coalesce(last_day_in_window, first_day_after, last_day_before)
            as deciding_day,
        last_day_in_window is null and first_day_after is null as is_early
    from candidates
),

final as (
    select
        chosen.rule,
        chosen.course_key,
        chosen.deciding_day,
        course_visit_days.visit_date as deciding_date,
        course_visit_days.lesion_status as deciding_status,
        case
            when course_visit_days.is_responding then 'responded'
            else 'failed'
        end as outcome,
        course_visit_days.failure_kind
    from chosen
    inner join course_visit_days
        on
            chosen.course_key = course_visit_days.course_key
            and chosen.deciding_day = course_visit_days.day
    where not chosen.is_early or course_visit_days.is_responding
)

select * from final
