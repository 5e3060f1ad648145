-- Rates with adherence known and unknown: rolling window, case, headline, HSV, patients.
-- grain: one row a population and whether adherence is known
-- units: patients
-- source: criteria 4, last paragraph
with

final as (
    select
        population,
        is_adherence_known as adherence_known,
        count(*) as n,
        count(*) filter (where is_numerator) as k
    from patient_picks
    where
        window_kind = 'rolling'
        and definition = 'case'
        and rule = 'headline'
        and syndrome_group = 'hsv'
        and is_in_rate
    group by population, is_adherence_known
)

select * from final
order by population, adherence_known
