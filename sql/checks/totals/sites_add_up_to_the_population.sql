-- The sites of a population, and those without one, hold all its patients and cases.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: criteria 6: unit; statistics e
with

by_site as (
    select
        population,
        definition,
        cast(sum(n) as bigint) as n,
        cast(sum(k) as bigint) as k
    from site_counts
    group by population, definition
),

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
)

select
    counted.population,
    counted.definition
from counted
left join by_site
    on
        counted.population = by_site.population
        and counted.definition = by_site.definition
where
    coalesce(counted.n, 0) <> coalesce(by_site.n, 0)
    or coalesce(counted.k, 0) <> coalesce(by_site.k, 0)
