-- What is recorded of a patient's immune status, and whether it holds on a course's first day.
-- grain: one row a course and immune status row
-- units: dates in days
-- source: criteria 5
with

final as (
    select
        kept_courses.course_key,
        immune_periods.file_id,
        immune_periods.line,
        immune_periods.condition,
        seed_conditions.label,
        immune_periods.from_date,
        immune_periods.to_date,
        cast(
            date_diff('day', kept_courses.start_date, immune_periods.from_date)
            as integer
        ) as day,
        immune_periods.from_date <= kept_courses.start_date
        and (
            immune_periods.to_date is null
            or immune_periods.to_date >= kept_courses.start_date
        ) as holds_at_start
    from kept_courses
    inner join immune_periods
        on kept_courses.patient_key = immune_periods.patient_key
    inner join seed_conditions
        on immune_periods.condition = seed_conditions.condition
)

select * from final
