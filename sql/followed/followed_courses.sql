-- Courses that a list can show, with their flag day and whether they are closed.
-- grain: one row a failed, confirmed or watched course
-- units: dates in days
-- source: criteria 8 (flag day) and 9 (closed); ours: a resistant report counts as an open day, as a flag day does; closed for good what was never confirmed, not open for so long, and then treated anew
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

-- Lesions of a later episode do not open again what was never confirmed: the later course
-- is judged by itself. Proven resistance is the patient's whenever lesions are seen.
unconfirmed_days as (
    select
        lesion_days.course_key,
        lesion_days.visit_date as open_date,
        lag(
            lesion_days.visit_date,
            1,
            coalesce(flag_days.flag_date, flag_days.start_date)
        ) over (
            partition by lesion_days.course_key
            order by lesion_days.visit_date
        ) as open_before
    from lesion_days
    inner join flag_days on lesion_days.course_key = flag_days.course_key
    where
        not lesion_days.is_healed
        and lesion_days.visit_date
        > coalesce(flag_days.flag_date, flag_days.start_date)
        and flag_days.next_course_date is not null
        and not flag_days.is_confirmed
),

lapsed as (
    select distinct course_key
    from unconfirmed_days
    where open_before + $closing_days <= open_date
),

final as (
    select
        flag_days.course_key,
        flag_days.flag_date,
        last_days.last_visit_date,
        last_days.last_status_rank,
        coalesce(seen.is_healed, false)
        or lapsed.course_key is not null
        or open_until.last_open_date + $closing_days <= $as_of
        or flag_days.departure_date is not null as is_closed
    from flag_days
    inner join open_until on flag_days.course_key = open_until.course_key
    left join last_days on flag_days.course_key = last_days.course_key
    left join seen on flag_days.course_key = seen.course_key
    left join lapsed on flag_days.course_key = lapsed.course_key
)

select * from final
