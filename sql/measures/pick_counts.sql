-- Patients by what the course that stands for them is; every patient rate and flow is a sum of these.
-- grain: one row a window, population, syndrome group, rule, definition and kind of course
-- units: patients
-- source: criteria 6: unit
with

by_definition as (
    select
        window_key,
        population_key,
        is_headline,
        is_zoster,
        'case' as definition,
        case_pick as pick_order,
        coalesce(is_first_case, false) as is_first_numerator,
        has_outside
    from patient_windows
    union all
    select
        window_key,
        population_key,
        is_headline,
        is_zoster,
        'confirmed' as definition,
        confirmed_pick as pick_order,
        coalesce(is_first_confirmed, false) as is_first_numerator,
        has_lab_mature_outside as has_outside
    from patient_windows
),

final as (
    select
        by_definition.window_key,
        by_definition.population_key,
        by_definition.is_headline,
        by_definition.is_zoster,
        by_definition.definition,
        by_definition.is_first_numerator,
        by_definition.has_outside,
        by_definition.pick_order is null as is_immature,
        ranked_courses.classification,
        coalesce(ranked_courses.is_in_rate, false) as is_in_rate,
        coalesce(
            case
                when by_definition.definition = 'confirmed'
                    then ranked_courses.is_confirmed
                else ranked_courses.is_case
            end,
            false
        ) as is_numerator,
        coalesce(ranked_courses.is_failure, false) as is_failure,
        coalesce(ranked_courses.is_tested_failure, false) as is_tested_failure,
        coalesce(ranked_courses.is_refuted_by_isolate, false)
            as is_refuted_by_isolate,
        coalesce(ranked_courses.is_short_response, false) as is_short_response,
        ranked_courses.is_adherence_known,
        count(*) as n
    from by_definition
    left join ranked_courses on by_definition.pick_order = ranked_courses.pick_order
    group by all
)

select * from final
