-- Courses in each window, population and definition, with whether each is mature for it.
-- grain: one row a course, rule, window, population and definition
-- units: none
-- source: criteria 6
with

definitions as (
    select
        'case' as definition,
        false as needs_laboratory
    union all
    select
        'confirmed' as definition,
        true as needs_laboratory
),

final as (
    select
        windows.window_kind,
        windows.window_start,
        windows.window_end,
        course_populations.population,
        definitions.definition,
        ranked_courses.rule,
        ranked_courses.syndrome_group,
        ranked_courses.patient_key,
        ranked_courses.course_key,
        ranked_courses.pick_order,
        case
            when definitions.needs_laboratory then ranked_courses.is_lab_mature
            else ranked_courses.is_mature
        end as is_counted,
        ranked_courses.is_in_rate,
        ranked_courses.is_in_rate
        and case
            when definitions.needs_laboratory
                then ranked_courses.classification = 'confirmed'
            else ranked_courses.is_case
        end as is_numerator,
        ranked_courses.is_in_rate and ranked_courses.is_failed as is_failure,
        ranked_courses.is_in_rate
        and ranked_courses.is_failed
        and ranked_courses.is_tested as is_tested_failure,
        ranked_courses.is_short_response,
        ranked_courses.is_confirmed_outside,
        ranked_courses.is_adherence_known,
        ranked_courses.classification
    from windows
    inner join ranked_courses
        on
            ranked_courses.start_date
            between windows.window_start and windows.window_end
    inner join course_populations
        on ranked_courses.course_key = course_populations.course_key
    cross join definitions
)

select * from final
