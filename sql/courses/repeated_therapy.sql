-- Kept courses that are at least the third (by default) of the patient within the history.
-- grain: one row a kept course
-- units: courses in the history, the present one included
-- source: criteria 5: is_repeated
with

final as (
    select
        kept_courses.course_key,
        count(*) as n_recent_courses,
        count(*) >= $repeated_courses as is_repeated
    from kept_courses
    inner join kept_courses as earlier_courses
        on
            kept_courses.patient_key = earlier_courses.patient_key
            and earlier_courses.start_date
            between kept_courses.start_date - $history_days
            and kept_courses.start_date
    group by kept_courses.course_key
)

select * from final
