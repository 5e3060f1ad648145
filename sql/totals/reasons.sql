-- Why mature courses of the rolling window are in their class, under both rules.
-- grain: one row a class and reason
-- units: courses
-- source: criteria 4
with

mature as (
    select courses.*
    from courses
    inner join windows
        on courses.start_date between windows.window_start and windows.window_end
    where windows.window_kind = 'rolling' and courses.is_mature
),

counted as (
    select
        'headline' as rule,
        classification,
        coalesce(reason, '') as reason,
        count(*) as n
    from mature
    group by classification, reason
    union all
    select
        'strict' as rule,
        strict_classification as classification,
        coalesce(strict_reason, '') as reason,
        count(*) as n
    from mature
    group by strict_classification, strict_reason
),

final as (
    select
        classification,
        reason,
        coalesce(
            cast(sum(n) filter (where rule = 'headline') as bigint), 0
        ) as n_headline,
        coalesce(
            cast(sum(n) filter (where rule = 'strict') as bigint), 0
        ) as n_strict
    from counted
    group by classification, reason
)

select * from final
order by classification, reason
