-- Laboratory-mature patients by what their failure is taken for, for the rate that is adjusted by the tested failures.
-- grain: one row a population, rule and window
-- units: patients
-- source: statistics, head and g: ppv_adjusted
with

final as (
    select
        seed_populations.population,
        'ppv_adjusted' as definition,
        case when pick_counts.is_headline then 'headline' else 'strict' end as rule,
        windows.window_kind,
        coalesce(sum(pick_counts.n) filter (where pick_counts.is_in_rate), 0) as n,
        coalesce(
            sum(pick_counts.n) filter (
                where pick_counts.classification = 'suspected'
            ),
            0
        ) as n_suspected,
        coalesce(sum(pick_counts.n) filter (where pick_counts.is_numerator), 0)
            as n_confirmed,
        coalesce(
            sum(pick_counts.n) filter (where pick_counts.is_refuted_by_isolate), 0
        ) as n_refuted,
        coalesce(
            sum(pick_counts.n) filter (
                where pick_counts.classification in ('not_evaluable', 'pending')
            ),
            0
        ) as not_evaluable,
        coalesce(
            sum(pick_counts.n) filter (
                where pick_counts.classification = 'excluded'
            ),
            0
        ) as excluded,
        coalesce(sum(pick_counts.n) filter (where pick_counts.is_immature), 0)
            as immature,
        coalesce(
            sum(pick_counts.n) filter (where pick_counts.is_short_response), 0
        ) as n_short,
        coalesce(sum(pick_counts.n) filter (where pick_counts.has_outside), 0)
            as confirmed_outside
    from pick_counts
    inner join windows on pick_counts.window_key = windows.window_key
    inner join seed_populations
        on
            pick_counts.population_key
            = cast(seed_populations.population_key as tinyint)
    where
        windows.window_kind <> 'month'
        and pick_counts.definition = 'confirmed'
        and not pick_counts.is_zoster
    group by
        seed_populations.population,
        pick_counts.is_headline,
        windows.window_kind
)

select
    population,
    definition,
    rule,
    window_kind,
    cast(n as bigint) as n,
    cast(n_suspected as bigint) as n_suspected,
    cast(n_confirmed as bigint) as n_confirmed,
    cast(n_refuted as bigint) as n_refuted,
    cast(not_evaluable as bigint) as not_evaluable,
    cast(excluded as bigint) as excluded,
    cast(immature as bigint) as immature,
    cast(n_short as bigint) as n_short,
    cast(confirmed_outside as bigint) as confirmed_outside
from final
