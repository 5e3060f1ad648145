-- Why mature courses of the rolling window are in their class, under both rules.
-- grain: one row a class and reason
-- units: courses
-- source: criteria 4
with

counted as (
    select
        classes.rule,
        classes.classification,
        coalesce(classes.reason, '') as reason
    from classes
    inner join courses on classes.course_key = courses.course_key
    inner join windows
        on courses.start_date between windows.window_start and windows.window_end
    where windows.window_kind = 'rolling' and courses.is_mature
),

final as (
    select
        classification,
        reason,
        count(*) filter (where rule = 'headline') as n_headline,
        count(*) filter (where rule = 'strict') as n_strict
    from counted
    group by classification, reason
)

select * from final
order by classification, reason
