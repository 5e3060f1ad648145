-- Courses that a list can show, with their flag day and whether they are closed.
-- grain: one row a failed, confirmed or watched course
-- units: dates in days
-- source: criteria 8 (flag day) and 9 (closed); once lapsed, a later course has its own row
with

last_days as (
    select
        course_key,
        visit_date as last_visit_date,
        status_rank as last_status_rank
    from lesion_days
    qualify row_number() over (partition by course_key order by visit_date desc) = 1
),

open_days as (
    select
        course_key,
        coalesce(flag_date, start_date) as open_date
    from flag_days
    union
    select
        lesion_days.course_key,
        lesion_days.visit_date as open_date
    from lesion_days
    inner join flag_days on lesion_days.course_key = flag_days.course_key
    where
        not lesion_days.is_healed
        and lesion_days.visit_date
        > coalesce(flag_days.flag_date, flag_days.start_date)
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
    inner join flag_days on followed_days.course_key = flag_days.course_key
    where
        followed_days.open_date + $closing_days
        <= coalesce(followed_days.next_open_date, $as_of)
        and (
            followed_days.next_open_date is null
            or flag_days.next_course_date is not null
        )
),

healed as (
    select distinct course_key
    from lesion_days
    where is_healed_after_flag
),

final as (
    select
        flag_days.course_key,
        flag_days.flag_date,
        last_days.last_visit_date,
        last_days.last_status_rank,
        healed.course_key is not null
        or lapsed.course_key is not null
        or flag_days.departure_date is not null as is_closed
    from flag_days
    left join last_days on flag_days.course_key = last_days.course_key
    left join lapsed on flag_days.course_key = lapsed.course_key
    left join healed on flag_days.course_key = healed.course_key
)

select * from final
