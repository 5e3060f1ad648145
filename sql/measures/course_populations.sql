-- The populations that a course belongs to; they overlap, as the published ones do.
-- grain: one row a course and population
-- units: none
-- source: criteria 5
with

flagged as (
    select
        course_key,
        true as is_any,
        is_immunocompetent,
        is_immunocompromised,
        is_hiv,
        is_aids,
        is_aids and is_prolonged as is_aids_prolonged,
        is_hsct_allogeneic,
        is_solid_organ_transplant,
        is_prolonged
    from courses
),

final as (
    select
        flagged.course_key,
        cast(seed_populations.population_key as tinyint) as population_key
    from flagged
    inner join seed_populations
        on
            case seed_populations.flag
                when 'is_immunocompetent' then flagged.is_immunocompetent
                when 'is_immunocompromised' then flagged.is_immunocompromised
                when 'is_hiv' then flagged.is_hiv
                when 'is_aids' then flagged.is_aids
                when 'is_aids_prolonged' then flagged.is_aids_prolonged
                when 'is_hsct_allogeneic' then flagged.is_hsct_allogeneic
                when 'is_solid_organ_transplant'
                    then flagged.is_solid_organ_transplant
                when 'is_prolonged' then flagged.is_prolonged
                else flagged.is_any
            end
)

select * from final
