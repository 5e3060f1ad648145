-- Patients of the rolling window by what became of them, population all.
-- grain: one row a syndrome group and term
-- units: patients
-- source: criteria 6
with

picks as (
    select *
    from patient_picks
    where
        window_kind = 'rolling'
        and population = 'all'
        and definition = 'case'
        and rule = 'headline'
),

final as (
    select
        syndrome_group as syndrome,
        count(*) as patients,
        count(*) filter (where is_in_rate) as evaluable,
        count(*) filter (where is_numerator) as cases,
        count(*) filter (where classification = 'excluded') as excluded,
        count(*) filter (
            where classification in ('not_evaluable', 'pending')
        ) as not_evaluable,
        count(*) filter (where is_immature) as immature,
        count(*) filter (
            where classification = 'confirmed' and not is_in_rate
        ) as confirmed_outside
    from picks
    group by syndrome_group
)

select * from final
order by syndrome
