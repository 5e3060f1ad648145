-- Patients of the rolling window by the site and risk group of the course that stands for them: HSV, headline rule.
-- grain: one row a site, population, definition and risk group; no site where the course names none
-- units: patients
-- source: criteria 6: unit; statistics e and h
with

final as (
    select
        site_id,
        population,
        definition,
        risk_group,
        cast(sum(n) as bigint) as n,
        cast(sum(k) as bigint) as k
    from site_picks
    group by site_id, population, definition, risk_group
)

select * from final
