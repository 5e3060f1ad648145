-- Courses that a list can show, with their flag day and whether they are closed.
-- grain: one row a failed, confirmed or watched course
-- units: dates in days
-- source: criteria 8 (flag day) and 9 (closed); once lapsed, a later course has its own row
with

shown as (
    select
        courses.course_key,
        courses.patient_key,
        courses.start_date,
        courses.syndrome,
        courses.departure_date,
        kept_courses.next_course_date,
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
),

visit_days as (
    select
        shown.course_key,
        visits.visit_date,
        max(visits.status_rank) as status_rank,
        bool_and(visits.is_healed) as is_healed
    from shown
    inner join visits
        on
            shown.patient_key = visits.patient_key
            and shown.start_date <= visits.visit_date
            and (
                shown.next_course_date is null
                or visits.visit_date <= shown.next_course_date
            )
            and (
                visits.syndrome is null
                or shown.syndrome = 'unknown'
                or visits.syndrome = shown.syndrome
            )
    group by shown.course_key, visits.visit_date
),

last_days as (
    select
        course_key,
        visit_date as last_visit_date,
        status_rank as last_status_rank
    from visit_days
    qualify row_number() over (partition by course_key order by visit_date desc) = 1
),

open_days as (
    select
        course_key,
        coalesce(flag_date, start_date) as open_date
    from shown
    union
    select
        visit_days.course_key,
        visit_days.visit_date as open_date
    from visit_days
    inner join shown on visit_days.course_key = shown.course_key
    where
        not visit_days.is_healed
        and visit_days.visit_date > coalesce(shown.flag_date, shown.start_date)
),

followed_days as (
    select
        course_key,
        open_date,
        lead(open_date) over (
            partition by course_key
            order by open_date
        ) as next_open_date
    from open_days
),

lapsed as (
    select distinct followed_days.course_key
    from followed_days
    inner join shown on followed_days.course_key = shown.course_key
    where
        followed_days.open_date + $closing_days
        <= coalesce(followed_days.next_open_date, $as_of)
        and (
            followed_days.next_open_date is null
            or shown.next_course_date is not null
        )
),

healed as (
    select distinct visit_days.course_key
    from visit_days
    inner join shown on visit_days.course_key = shown.course_key
    where
        visit_days.is_healed
        and visit_days.visit_date > coalesce(shown.flag_date, shown.start_date)
),

final as (
    select
        shown.course_key,
        shown.flag_date,
        last_days.last_visit_date,
        last_days.last_status_rank,
        healed.course_key is not null
        or lapsed.course_key is not null
        or shown.departure_date is not null as is_closed
    from shown
    left join last_days on shown.course_key = last_days.course_key
    left join lapsed on shown.course_key = lapsed.course_key
    left join healed on shown.course_key = healed.course_key
)

select * from final
