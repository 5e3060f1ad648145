-- Rates with adherence known and unknown: rolling window, case, headline, HSV, patients.
-- grain: one row a population and whether adherence is known
-- units: patients
-- source: criteria 4, last paragraph
with

final as (
    select
        seed_populations.population,
        pick_counts.is_adherence_known as adherence_known,
        cast(sum(pick_counts.n) as bigint) as n,
        coalesce(
            cast(
                sum(pick_counts.n) filter (where pick_counts.is_numerator) as bigint
            ),
            0
        ) as k
    from pick_counts
    inner join windows on pick_counts.window_key = windows.window_key
    inner join seed_populations
        on
            pick_counts.population_key
            = cast(seed_populations.population_key as tinyint)
    where
        windows.window_kind = 'rolling'
        and pick_counts.definition = 'case'
        and pick_counts.is_headline
        and not pick_counts.is_zoster
        and pick_counts.is_in_rate
    group by seed_populations.population, pick_counts.is_adherence_known
)

select * from final
order by population, adherence_known
