-- Suspected and confirmed courses that are not closed, most urgent first, with what is still to do.
-- grain: one row an open suspected or confirmed course
-- units: dates and lengths in days
-- source: criteria 9: line list
with

final as (
    select
        open_cases.*,
        not coalesce(previous_list.is_listed, false) as is_new,
        coalesce(
            open_cases.classification = 'confirmed'
            and previous_list.classification <> 'confirmed',
            false
        ) as is_newly_confirmed,
        row_number() over (
            order by
                open_cases.classification,
                courses.failure_kind = 'progressive' desc nulls last,
                cast(seed_risk_groups.urgency_rank as integer),
                open_cases.flag_date,
                open_cases.course_key
        ) as place
    from open_cases
    inner join courses on open_cases.course_key = courses.course_key
    inner join seed_risk_groups
        on open_cases.risk_group = seed_risk_groups.risk_group
    left join previous_list
        on
            open_cases.patient_id = previous_list.patient_id
            and open_cases.start_date = previous_list.start_date
            and open_cases.dosing = previous_list.dosing
)

select * from final
