-- The difference between the rolling counts of this run and of the previous one, split by why.
-- grain: one row a population, definition and kind of change
-- units: patients
-- source: report, question 3
with

redefined as (
    select
        population,
        definition,
        'redefined' as change,
        cast(is_in_rate as integer) as change_n,
        cast(is_numerator as integer) as change_k
    from patient_picks
    union all
    select
        population,
        definition,
        'redefined' as change,
        -cast(is_in_rate as integer) as change_n,
        -cast(is_numerator as integer) as change_k
    from unredefined_picks
),

gathered as (
    select
        population,
        definition,
        change,
        change_n,
        change_k
    from changed_picks
    union all
    select
        population,
        definition,
        change,
        change_n,
        change_k
    from redefined
),

final as (
    select
        population,
        definition,
        change,
        cast(sum(change_n) as bigint) as change_n,
        cast(sum(change_k) as bigint) as change_k
    from gathered
    group by population, definition, change
    having sum(change_n) <> 0 or sum(change_k) <> 0
)

select * from final
order by population, definition, change
