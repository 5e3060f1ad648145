-- What a patient has in a window and population: the course that stands for the patient, whether the first evaluable one is a case, and course totals.
-- grain: one row a patient, window, population, syndrome group and rule
-- units: courses
-- source: criteria 6: unit; statistics a: courses are numbered in the order of their starts
with

final as (
    select
        windows.window_key,
        course_populations.population_key,
        ranked_courses.rule = 'headline' as is_headline,
        ranked_courses.is_zoster,
        ranked_courses.patient_key,
        min(ranked_courses.pick_order) filter (where ranked_courses.is_mature)
            as case_pick,
        min(ranked_courses.pick_order) filter (where ranked_courses.is_lab_mature)
            as confirmed_pick,
        min(ranked_courses.course_key) filter (
            where ranked_courses.is_mature and ranked_courses.is_case
        )
        = min(ranked_courses.course_key) filter (
            where ranked_courses.is_mature and ranked_courses.is_in_rate
        ) as is_first_case,
        min(ranked_courses.course_key) filter (
            where ranked_courses.is_lab_mature and ranked_courses.is_confirmed
        )
        = min(ranked_courses.course_key) filter (
            where ranked_courses.is_lab_mature and ranked_courses.is_in_rate
        ) as is_first_confirmed,
        bool_or(ranked_courses.is_confirmed_outside and ranked_courses.is_mature)
            as has_outside,
        bool_or(ranked_courses.is_confirmed_outside and ranked_courses.is_lab_mature)
            as has_lab_mature_outside,
        cast(
            count(*) filter (
                where ranked_courses.is_mature and ranked_courses.is_in_rate
            ) as smallint
        ) as n_case,
        cast(
            count(*) filter (
                where ranked_courses.is_mature and ranked_courses.is_case
            ) as smallint
        ) as k_case,
        cast(
            count(*) filter (
                where ranked_courses.is_lab_mature and ranked_courses.is_in_rate
            ) as smallint
        ) as n_confirmed,
        cast(
            count(*) filter (
                where ranked_courses.is_lab_mature and ranked_courses.is_confirmed
            ) as smallint
        ) as k_confirmed
    from windows
    inner join ranked_courses
        on
            ranked_courses.start_date
            between windows.window_start and windows.window_end
    inner join course_populations
        on ranked_courses.course_key = course_populations.course_key
    where windows.window_kind <> 'month'
    group by all
)

select * from final
