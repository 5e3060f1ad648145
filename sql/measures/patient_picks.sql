-- The one course that stands for a patient in a window, population and definition.
-- grain: one row a patient, rule, window, population, syndrome group and definition
-- units: none
-- source: criteria 6: unit
with

picked as (
    select
        window_kind,
        window_start,
        window_end,
        population,
        definition,
        rule,
        syndrome_group,
        patient_key,
        min(pick_order) filter (where is_counted) as pick_order,
        coalesce(bool_or(is_confirmed_outside) filter (where is_counted), false)
            as has_confirmed_outside
    from window_courses
    group by
        window_kind,
        window_start,
        window_end,
        population,
        definition,
        rule,
        syndrome_group,
        patient_key
),

final as (
    select
        picked.window_kind,
        picked.window_start,
        picked.window_end,
        picked.population,
        picked.definition,
        picked.rule,
        picked.syndrome_group,
        picked.patient_key,
        picked.has_confirmed_outside,
        picked.pick_order is null as is_immature,
        ranked_courses.course_key,
        ranked_courses.classification,
        coalesce(ranked_courses.is_in_rate, false) as is_in_rate,
        coalesce(
            ranked_courses.is_in_rate
            and case
                when picked.definition = 'confirmed'
                    then ranked_courses.classification = 'confirmed'
                else ranked_courses.is_case
            end,
            false
        ) as is_numerator,
        coalesce(ranked_courses.is_in_rate and ranked_courses.is_failed, false)
            as is_failure,
        coalesce(
            ranked_courses.is_in_rate
            and ranked_courses.is_failed
            and ranked_courses.is_tested,
            false
        ) as is_tested_failure,
        coalesce(ranked_courses.is_short_response, false) as is_short_response,
        ranked_courses.is_adherence_known
    from picked
    left join ranked_courses
        on
            picked.rule = ranked_courses.rule
            and picked.pick_order = ranked_courses.pick_order
)

select * from final
