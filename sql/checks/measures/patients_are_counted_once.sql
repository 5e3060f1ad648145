-- Both definitions and both rules count the same patients of a window and population.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: criteria 6: unit
with

totals as (
    select
        pick_counts.window_key,
        pick_counts.population_key,
        pick_counts.is_zoster,
        pick_counts.is_headline,
        pick_counts.definition,
        sum(pick_counts.n) as n
    from pick_counts
    group by all
)

select
    window_key,
    population_key
from totals
group by window_key, population_key, is_zoster
having min(n) <> max(n)
