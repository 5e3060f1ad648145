-- Days of visits that belong to a course, with the worst status of the day and whether the day is usable.
-- grain: one row a kept course and day
-- units: day 0 is the start
-- source: criteria 3
with

days as (
    select
        kept_courses.course_key,
        visits.visit_date,
        max(visits.status_rank) as status_rank
    from kept_courses
    inner join visits
        on
            kept_courses.patient_key = visits.patient_key
            and kept_courses.start_date < visits.visit_date
            and visits.visit_date
            <= greatest(
                kept_courses.end_date,
                least(
                    kept_courses.start_date + $followup_days,
                    kept_courses.end_date + $after_course_days
                )
            )
            and (
                kept_courses.followup_ends is null
                or visits.visit_date <= kept_courses.followup_ends
            )
            and (
                visits.syndrome is null
                or kept_courses.syndrome = 'unknown'
                or visits.syndrome = kept_courses.syndrome
            )
    group by kept_courses.course_key, visits.visit_date
),

final as (
    select
        days.course_key,
        days.visit_date,
        cast(
            date_diff('day', kept_courses.start_date, days.visit_date) as integer
        ) as day,
        days.status_rank,
        seed_lesion_statuses.lesion_status,
        seed_lesion_statuses.is_responding = 'true' as is_responding,
        seed_lesion_statuses.failure_kind = 'progressive' as is_progressing,
        nullif(seed_lesion_statuses.failure_kind, '') as failure_kind,
        days.visit_date <= kept_courses.end_date as is_under_therapy,
        days.visit_date <= kept_courses.start_date + $followup_days
        and days.visit_date <= kept_courses.end_date + $after_course_days
        and not (
            days.visit_date > kept_courses.end_date
            and seed_lesion_statuses.lesion_status = 'new'
        ) as is_usable
    from days
    inner join kept_courses on days.course_key = kept_courses.course_key
    inner join seed_lesion_statuses
        on days.status_rank = cast(seed_lesion_statuses.status_rank as integer)
)

select * from final
