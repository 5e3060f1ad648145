-- Courses that a list can show, with their flag day and whether they are closed.
-- grain: one row a failed, confirmed or watched course
-- units: dates in days
-- source: criteria 8 (flag day) and 9 (closed)
with

shown as (
    select
        courses.course_key,
        courses.patient_key,
        courses.start_date,
        courses.syndrome,
        courses.departure_date,
        least(
            case when courses.outcome = 'failed' then courses.deciding_date end,
            course_laboratory.first_resistant_resulted_date
        ) as flag_date
    from courses
    left join course_laboratory
        on courses.course_key = course_laboratory.course_key
    where
        courses.classification = 'confirmed'
        or courses.outcome = 'failed'
        or courses.watch is not null
),

visit_days as (
    select
        shown.course_key,
        visits.visit_date,
        bool_and(visits.is_healed) as is_healed
    from shown
    inner join visits
        on
            shown.patient_key = visits.patient_key
            and shown.start_date <= visits.visit_date
            and (
                visits.syndrome is null
                or shown.syndrome = 'unknown'
                or visits.syndrome = shown.syndrome
            )
    group by shown.course_key, visits.visit_date
),

last_days as (
    select
        visit_days.course_key,
        max(visit_days.visit_date) filter (where not visit_days.is_healed)
            as last_unhealed_date,
        bool_or(
            visit_days.is_healed
            and visit_days.visit_date
            > coalesce(shown.flag_date, shown.start_date)
        ) as is_healed_later,
        max(visit_days.visit_date) as last_visit_date
    from visit_days
    inner join shown on visit_days.course_key = shown.course_key
    group by visit_days.course_key
),

final as (
    select
        shown.course_key,
        shown.flag_date,
        last_days.last_visit_date,
        coalesce(last_days.is_healed_later, false)
        or shown.departure_date is not null
        or coalesce(
            last_days.last_unhealed_date, shown.flag_date, shown.start_date
        )
        + $closing_days
        <= $as_of as is_closed
    from shown
    left join last_days on shown.course_key = last_days.course_key
)

select * from final
