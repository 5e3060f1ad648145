-- What the kinds of change add up to is the difference between the two published counts.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: report, question 3
with

counted as (
    select
        population,
        definition,
        n,
        k
    from rate_counts
    where
        window_kind = 'rolling'
        and unit = 'patient'
        and rule = 'headline'
        and syndrome = 'hsv'
    union all
    select
        population,
        definition,
        -n as n,
        -k as k
    from previous_counts
    union all
    select
        population,
        definition,
        -change_n as n,
        -change_k as k
    from changes
)

select
    population,
    definition
from counted
group by population, definition
having sum(n) <> 0 or sum(k) <> 0
