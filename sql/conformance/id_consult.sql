-- Was a specialist in infectious diseases asked?
-- grain: one row a suspected or confirmed course
-- units: dates in days
-- source: criteria 8: id_consult
with

consults as (
    select
        flagged_courses.course_key,
        min(events.event_date) as consult_date
    from flagged_courses
    inner join events
        on
            flagged_courses.patient_key = events.patient_key
            and flagged_courses.start_date <= events.event_date
    where flagged_courses.is_case and events.event = 'id_consult'
    group by flagged_courses.course_key
),

final as (
    select
        'id_consult' as indicator,
        flagged_courses.patient_key,
        flagged_courses.course_key,
        cast(null as integer) as prescription_key,
        flagged_courses.start_date,
        flagged_courses.flag_date + $id_consult_due_days as due_date,
        consults.consult_date as found_date,
        cast(null as varchar) as stated,
        cast(null as varchar) as detail
    from flagged_courses
    left join consults on flagged_courses.course_key = consults.course_key
    where flagged_courses.is_case
)

select * from final
