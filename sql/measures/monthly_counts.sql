-- Patients once a calendar month of course start, HSV, headline rule.
-- grain: one row a population, definition and month
-- units: patients
-- source: criteria 6: trends
with

final as (
    select
        seed_populations.population,
        pick_counts.definition,
        windows.window_start as month,
        coalesce(
            cast(
                sum(pick_counts.n) filter (where pick_counts.is_in_rate) as bigint
            ),
            0
        ) as n,
        coalesce(
            cast(
                sum(pick_counts.n) filter (where pick_counts.is_numerator) as bigint
            ),
            0
        ) as k,
        windows.window_end
        + case
            when pick_counts.definition = 'confirmed' then $lab_maturity_days
            else $maturity_days
        end <= $as_of as is_mature
    from pick_counts
    inner join windows on pick_counts.window_key = windows.window_key
    inner join seed_populations
        on
            pick_counts.population_key
            = cast(seed_populations.population_key as tinyint)
    where windows.window_kind = 'month' and not pick_counts.is_zoster
    group by
        seed_populations.population,
        pick_counts.definition,
        windows.window_start,
        windows.window_end
)

select * from final
order by population, definition, month
