-- Courses in no rate that need a second look and are not closed, with when they were seen last.
-- grain: one row an open watched course
-- units: dates in days
-- source: criteria 4 and 9: watch list
with

final as (
    select
        courses.course_key,
        courses.patient_id,
        courses.site_id,
        courses.start_date,
        courses.end_date,
        courses.drugs,
        courses.watch,
        followed_courses.last_visit_date,
        last_statuses.lesion_status as last_status,
        courses.risk_group,
        courses.classification
    from courses
    inner join followed_courses
        on courses.course_key = followed_courses.course_key
    left join seed_lesion_statuses as last_statuses
        on
            followed_courses.last_status_rank
            = cast(last_statuses.status_rank as integer)
    where courses.watch is not null and not followed_courses.is_closed
)

select * from final
