-- The visits around a course: which could speak for it, which decided, and why others did not.
-- grain: one row a course and visit
-- units: day 0 is the start
-- source: criteria 3
with

headline as (
    select
        course_key,
        deciding_date
    from outcomes
    where rule = 'headline'
),

strict as (
    select
        course_key,
        deciding_date
    from outcomes
    where rule = 'strict'
),

final as (
    select
        kept_courses.course_key,
        visits.file_id,
        visits.line,
        visits.visit_date,
        cast(
            date_diff('day', kept_courses.start_date, visits.visit_date) as integer
        ) as day,
        seed_lesion_statuses.lesion_status,
        visits.syndrome,
        course_visit_days.lesion_status as worst_of_day,
        coalesce(visits.visit_date = headline.deciding_date, false) as is_deciding,
        coalesce(visits.visit_date = strict.deciding_date, false)
            as is_strict_deciding,
        case
            when visits.visit_date <= kept_courses.start_date then 'before_day_one'
            when
                kept_courses.syndrome <> 'unknown'
                and visits.syndrome <> kept_courses.syndrome
                then 'other_syndrome'
            when visits.visit_date > kept_courses.followup_ends
                then 'after_followup'
            when course_visit_days.is_usable then 'usable'
            when visits.visit_date > kept_courses.start_date + $followup_days
                then 'late'
            when visits.visit_date > kept_courses.end_date + $after_course_days
                then 'after_course'
            else 'recurrence'
        end as standing
    from kept_courses
    inner join visits
        on
            kept_courses.patient_key = visits.patient_key
            and visits.visit_date
            between kept_courses.start_date - $syndrome_before_days
            and kept_courses.end_date + $closing_days
    inner join seed_lesion_statuses
        on visits.status_rank = cast(seed_lesion_statuses.status_rank as integer)
    left join course_visit_days
        on
            kept_courses.course_key = course_visit_days.course_key
            and visits.visit_date = course_visit_days.visit_date
    left join headline on kept_courses.course_key = headline.course_key
    left join strict on kept_courses.course_key = strict.course_key
)

select * from final
