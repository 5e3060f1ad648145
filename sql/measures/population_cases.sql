-- Cases of every counted month with the populations that they are in: HSV, headline rule.
-- grain: one row a case course and population
-- units: none
-- source: statistics d; report, question 3
with

final as (
    select
        ranked_courses.course_key,
        seed_populations.population,
        ranked_courses.is_mature,
        ranked_courses.is_confirmed and ranked_courses.is_lab_mature
            as is_lab_mature_confirmed
    from ranked_courses
    inner join course_populations
        on ranked_courses.course_key = course_populations.course_key
    inner join seed_populations
        on
            course_populations.population_key
            = cast(seed_populations.population_key as tinyint)
    where
        ranked_courses.rule = 'headline'
        and not ranked_courses.is_zoster
        and ranked_courses.is_case
)

select * from final
