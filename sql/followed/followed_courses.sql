-- Courses that a list can show, with their flag day and whether they are closed.
-- grain: one row a failed, confirmed or watched course
-- units: dates in days
-- source: criteria 8 (flag day) and 9 (closed); beyond its letter (ours) a resistant report counts as an open day, as a flag day does: it is to be acted on however long ago lesions were seen
with

last_days as (
    select
        course_key,
        visit_date as last_visit_date,
        status_rank as last_status_rank
    from lesion_days
    qualify row_number() over (partition by course_key order by visit_date desc) = 1
),

seen as (
    select
        course_key,
        max(visit_date) filter (where not is_healed) as last_unhealed_date,
        bool_or(is_healed_after_flag) as is_healed
    from lesion_days
    group by course_key
),

open_until as (
    select
        flag_days.course_key,
        greatest(
            coalesce(flag_days.flag_date, flag_days.start_date),
            flag_days.resistant_date,
            seen.last_unhealed_date
        ) as last_open_date
    from flag_days
    left join seen on flag_days.course_key = seen.course_key
),

final as (
    select
        flag_days.course_key,
        flag_days.flag_date,
        last_days.last_visit_date,
        last_days.last_status_rank,
        coalesce(seen.is_healed, false)
        or open_until.last_open_date + $closing_days <= $as_of
        or flag_days.departure_date is not null as is_closed
    from flag_days
    inner join open_until on flag_days.course_key = open_until.course_key
    left join last_days on flag_days.course_key = last_days.course_key
    left join seen on flag_days.course_key = seen.course_key
)

select * from final
