-- Courses in no rate that need a second look and are not closed, with when they were seen last.
-- grain: one row an open watched course
-- units: dates in days
-- source: criteria 4 and 9: watch list
with

last_days as (
    select
        course_key,
        visit_date,
        lesion_status
    from course_visit_days
    qualify row_number() over (partition by course_key order by visit_date desc) = 1
),

final as (
    select
        courses.course_key,
        courses.patient_id,
        courses.site_id,
        courses.start_date,
        courses.drugs,
        courses.watch,
        last_days.visit_date as last_visit_date,
        last_days.lesion_status as last_status,
        courses.risk_group,
        courses.classification
    from courses
    inner join followed_courses
        on courses.course_key = followed_courses.course_key
    left join last_days on courses.course_key = last_days.course_key
    where courses.watch is not null and not followed_courses.is_closed
)

select * from final
