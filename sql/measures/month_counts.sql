-- Patients once a calendar month of course start, HSV, headline rule: counts of this part's patients.
-- grain: one row a month and population
-- units: patients
-- source: criteria 6: trends
with

-- Classes in the rate come first where a course is to stand for a patient, cases before
-- the others: so a patient counts, or is a case, where any mature course does or is.
month_patients as (
    select
        windows.window_key,
        course_populations.population_key,
        ranked_courses.patient_key,
        bool_or(ranked_courses.is_mature and ranked_courses.is_in_rate)
            as is_counted,
        bool_or(ranked_courses.is_mature and ranked_courses.is_case) as is_case,
        bool_or(ranked_courses.is_lab_mature and ranked_courses.is_in_rate)
            as is_lab_counted,
        bool_or(ranked_courses.is_lab_mature and ranked_courses.is_confirmed)
            as is_confirmed
    from ranked_courses
    inner join windows
        on
            cast(date_trunc('month', ranked_courses.start_date) as date)
            = windows.window_start
    inner join course_populations
        on ranked_courses.course_key = course_populations.course_key
    where
        windows.window_kind = 'month'
        and ranked_courses.rule = 'headline'
        and not ranked_courses.is_zoster
    group by
        windows.window_key,
        course_populations.population_key,
        ranked_courses.patient_key
),

final as (
    select
        window_key,
        population_key,
        count(*) filter (where is_counted) as n_case,
        count(*) filter (where is_case) as k_case,
        count(*) filter (where is_lab_counted) as n_confirmed,
        count(*) filter (where is_confirmed) as k_confirmed
    from month_patients
    group by window_key, population_key
)

select * from final
