-- Patients once a calendar month of course start, HSV, headline rule.
-- grain: one row a population, definition and month
-- units: patients
-- source: criteria 6: trends
with

counts as (
    select
        window_key,
        population_key,
        cast(sum(n_case) as bigint) as n_case,
        cast(sum(k_case) as bigint) as k_case,
        cast(sum(n_confirmed) as bigint) as n_confirmed,
        cast(sum(k_confirmed) as bigint) as k_confirmed
    from month_counts
    group by window_key, population_key
),

by_definition as (
    select
        window_key,
        population_key,
        'case' as definition,
        n_case as n,
        k_case as k,
        $maturity_days as known_after_days
    from counts
    union all
    select
        window_key,
        population_key,
        'confirmed' as definition,
        n_confirmed as n,
        k_confirmed as k,
        $lab_maturity_days as known_after_days
    from counts
),

final as (
    select
        seed_populations.population,
        by_definition.definition,
        windows.window_start as month,
        by_definition.n,
        by_definition.k,
        windows.window_end + by_definition.known_after_days <= $as_of as is_mature
    from by_definition
    inner join windows on by_definition.window_key = windows.window_key
    inner join seed_populations
        on
            by_definition.population_key
            = cast(seed_populations.population_key as tinyint)
)

select * from final
order by population, definition, month
