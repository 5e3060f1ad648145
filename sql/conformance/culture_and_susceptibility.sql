-- Was the virus tested for resistance? A culture alone is half of it.
-- grain: one row a suspected or confirmed course
-- units: dates in days
-- source: criteria 8: culture_and_susceptibility
with

specimens_since as (
    select
        flagged_courses.course_key,
        min(specimens_taken.collected_date) filter (
            where specimens_taken.can_show_acyclovir_resistance
        ) as tested_date,
        min(specimens_taken.collected_date) filter (
            where specimens_taken.test = 'hsv_culture'
        ) as culture_date
    from flagged_courses
    inner join specimens_taken
        on
            flagged_courses.patient_key = specimens_taken.patient_key
            and flagged_courses.start_date <= specimens_taken.collected_date
    where flagged_courses.is_case
    group by flagged_courses.course_key
),

due as (
    select
        *,
        flag_date + $specimen_due_days as due_date
    from flagged_courses
    where is_case
),

final as (
    select
        'culture_and_susceptibility' as indicator,
        due.patient_key,
        due.course_key,
        cast(null as integer) as prescription_key,
        due.start_date,
        due.due_date,
        specimens_since.tested_date as found_date,
        cast(null as varchar) as stated,
        case
            when
                specimens_since.culture_date <= due.due_date
                and not coalesce(specimens_since.tested_date <= due.due_date, false)
                then 'culture_alone'
        end as detail
    from due
    left join specimens_since on due.course_key = specimens_since.course_key
)

select * from final
