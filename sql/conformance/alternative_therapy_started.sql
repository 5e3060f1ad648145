-- Was resistant disease treated with an alternative drug?
-- grain: one row a confirmed course
-- units: dates in days
-- source: criteria 8: alternative_therapy_started
with

final as (
    select
        'alternative_therapy_started' as indicator,
        flagged_courses.patient_key,
        flagged_courses.course_key,
        cast(null as integer) as prescription_key,
        flagged_courses.start_date,
        flagged_courses.flag_date + $alternative_due_days as due_date,
        given_instead.alternative_date as found_date,
        cast(null as varchar) as stated,
        cast(null as varchar) as detail
    from flagged_courses
    left join given_instead on flagged_courses.course_key = given_instead.course_key
    where flagged_courses.is_confirmed
)

select * from final
