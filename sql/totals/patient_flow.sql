-- Patients of the rolling window by what became of them, population all.
-- grain: one row a syndrome group
-- units: patients
-- source: criteria 6
with

picks as (
    select pick_counts.*
    from pick_counts
    inner join windows on pick_counts.window_key = windows.window_key
    inner join seed_populations
        on
            pick_counts.population_key
            = cast(seed_populations.population_key as tinyint)
    where
        windows.window_kind = 'rolling'
        and seed_populations.population = 'all'
        and pick_counts.definition = 'case'
        and pick_counts.is_headline
),

sums as (
    select
        case when is_zoster then 'zoster' else 'hsv' end as syndrome,
        sum(n) as patients,
        sum(n) filter (where is_in_rate) as evaluable,
        sum(n) filter (where is_numerator) as cases,
        sum(n) filter (where classification = 'excluded') as excluded,
        sum(n) filter (where classification in ('not_evaluable', 'pending'))
            as not_evaluable,
        sum(n) filter (where is_immature) as immature,
        sum(n) filter (where classification = 'confirmed' and not is_in_rate)
            as confirmed_outside
    from picks
    group by is_zoster
),

final as (
    select
        syndrome,
        cast(coalesce(patients, 0) as bigint) as patients,
        cast(coalesce(evaluable, 0) as bigint) as evaluable,
        cast(coalesce(cases, 0) as bigint) as cases,
        cast(coalesce(excluded, 0) as bigint) as excluded,
        cast(coalesce(not_evaluable, 0) as bigint) as not_evaluable,
        cast(coalesce(immature, 0) as bigint) as immature,
        cast(coalesce(confirmed_outside, 0) as bigint) as confirmed_outside
    from sums
)

select * from final
order by syndrome
