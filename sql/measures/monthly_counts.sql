-- Patients once a calendar month of course start, HSV, headline rule.
-- grain: one row a population, definition and month
-- units: patients
-- source: criteria 6: trends
with

final as (
    select
        population,
        definition,
        window_start as month,
        window_end as month_end,
        count(*) filter (where is_in_rate) as n,
        count(*) filter (where is_numerator) as k,
        window_end
        + case
            when definition = 'confirmed' then $lab_maturity_days
            else $maturity_days
        end <= $as_of as is_mature
    from patient_picks
    where
        window_kind = 'month' and rule = 'headline' and syndrome_group = 'hsv'
    group by population, definition, window_start, window_end
)

select * from final
order by population, definition, month
