-- Was HIV tested for where therapy failed?
-- grain: one row a failed course of a patient not known to have HIV
-- units: dates in days
-- source: criteria 8: hiv_test_offered; failed: suspected, refuted, or confirmed with a failure
with

tests_taken as (
    select
        flagged_courses.course_key,
        min(specimens_taken.collected_date) as tested_date
    from flagged_courses
    inner join specimens_taken
        on
            flagged_courses.patient_key = specimens_taken.patient_key
            and flagged_courses.start_date - $hiv_test_before_days
            <= specimens_taken.collected_date
    where specimens_taken.test = 'hiv_test'
    group by flagged_courses.course_key
),

final as (
    select
        'hiv_test_offered' as indicator,
        flagged_courses.patient_key,
        flagged_courses.course_key,
        cast(null as integer) as prescription_key,
        flagged_courses.start_date,
        flagged_courses.flag_date + $hiv_test_due_days as due_date,
        tests_taken.tested_date as found_date,
        cast(null as varchar) as stated,
        cast(null as varchar) as detail
    from flagged_courses
    left join tests_taken on flagged_courses.course_key = tests_taken.course_key
    where flagged_courses.is_failed and not flagged_courses.is_hiv
)

select * from final
