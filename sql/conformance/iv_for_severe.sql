-- Was severe disease treated with intravenous acyclovir?
-- grain: one row a kept course with a visit of severe disease around its start
-- units: dates in days
-- source: criteria 8: iv_for_severe
with

severe as (
    select distinct
        kept_courses.course_key,
        kept_courses.patient_key,
        kept_courses.start_date
    from visits
    inner join kept_courses
        on
            visits.patient_key = kept_courses.patient_key
            and visits.visit_date
            between kept_courses.start_date - $severe_visit_days
            and kept_courses.start_date + $severe_visit_days
            and (
                visits.syndrome is null
                or kept_courses.syndrome = 'unknown'
                or visits.syndrome = kept_courses.syndrome
            )
    where visits.is_severe
),

given_intravenously as (
    select
        severe.course_key,
        min(greatest(severe.start_date, prescriptions.start_date)) as iv_date
    from severe
    inner join prescriptions
        on
            severe.patient_key = prescriptions.patient_key
            and severe.start_date <= prescriptions.end_date
            and prescriptions.start_date <= severe.start_date + $iv_due_days
    where prescriptions.drug = 'acyclovir' and prescriptions.route = 'iv'
    group by severe.course_key
),

final as (
    select
        'iv_for_severe' as indicator,
        severe.patient_key,
        severe.course_key,
        cast(null as integer) as prescription_key,
        severe.start_date,
        severe.start_date + $iv_due_days as due_date,
        given_intravenously.iv_date as found_date,
        cast(null as varchar) as stated,
        cast(null as varchar) as detail
    from severe
    left join given_intravenously
        on severe.course_key = given_intravenously.course_key
)

select * from final
