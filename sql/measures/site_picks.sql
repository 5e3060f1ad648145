-- Patients of the rolling window, of this part, by the site and risk group of the course that stands for them: HSV, headline rule.
-- grain: one row a site, population, definition and risk group; no site where the course names none
-- units: patients
-- source: criteria 6: unit; statistics e and h
with

final as (
    select
        courses.site_id,
        patient_picks.population,
        patient_picks.definition,
        courses.risk_group,
        count(*) as n,
        count(*) filter (where patient_picks.is_numerator) as k
    from patient_picks
    inner join courses on patient_picks.course_key = courses.course_key
    where patient_picks.is_in_rate
    group by
        courses.site_id,
        patient_picks.population,
        patient_picks.definition,
        courses.risk_group
)

select * from final
