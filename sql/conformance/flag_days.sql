-- Failed, confirmed and watched courses with the day on which failure or resistance was first known.
-- grain: one row a failed, confirmed or watched course
-- units: dates in days; a course that is only watched has no flag day
-- source: criteria 8: flag day
with

final as (
    select
        courses.course_key,
        courses.patient_key,
        courses.start_date,
        courses.syndrome,
        courses.departure_date,
        kept_courses.next_course_date,
        courses.classification = 'confirmed' as is_confirmed,
        course_laboratory.first_resistant_resulted_date as resistant_date,
        least(
            case when courses.outcome = 'failed' then courses.deciding_date end,
            course_laboratory.first_resistant_resulted_date
        ) as flag_date
    from courses
    inner join kept_courses on courses.course_key = kept_courses.course_key
    left join course_laboratory
        on courses.course_key = course_laboratory.course_key
    where
        courses.classification = 'confirmed'
        or courses.outcome = 'failed'
        or courses.watch is not null
)

select * from final
