-- Days on which the lesions of a failed, confirmed or watched course were seen, later courses included.
-- grain: one row a failed, confirmed or watched course and day
-- units: rank: 1 is healed
-- source: criteria 8 and 9
with

final as (
    select
        flag_days.course_key,
        visits.visit_date,
        max(visits.status_rank) as status_rank,
        bool_and(visits.is_healed) as is_healed,
        coalesce(
            bool_and(visits.is_healed)
            and visits.visit_date > coalesce(flag_days.flag_date, flag_days.start_date),
            false
        ) as is_healed_after_flag,
        coalesce(visits.visit_date <= flag_days.next_course_date, true)
            as is_up_to_next_course
    from flag_days
    inner join visits
        on
            flag_days.patient_key = visits.patient_key
            and flag_days.start_date <= visits.visit_date
            and (
                visits.syndrome is null
                or flag_days.syndrome = 'unknown'
                or visits.syndrome = flag_days.syndrome
            )
    group by
        flag_days.course_key,
        flag_days.flag_date,
        flag_days.start_date,
        flag_days.next_course_date,
        visits.visit_date
)

select * from final
