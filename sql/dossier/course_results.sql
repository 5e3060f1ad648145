-- The laboratory results around a course, how each reads, and those not yet reported.
-- grain: one row a course and result
-- units: values as delivered; day 0 is the start
-- source: criteria 2.5, 4 and 5
with

delivered as (
    select
        patients.patient_key,
        accepted_labs.*
    from accepted_labs
    inner join patients on accepted_labs.patient_id = patients.patient_id
),

final as (
    select
        kept_courses.course_key,
        delivered.file_id,
        delivered.line,
        delivered.collected_date,
        delivered.resulted_date,
        cast(
            date_diff('day', kept_courses.start_date, delivered.collected_date)
            as integer
        ) as day,
        delivered.test,
        seed_tests.label,
        delivered.result,
        delivered.value_operator,
        delivered.value,
        coalesce(delivered.unit, nullif(seed_tests.default_unit, '')) as unit,
        coalesce(delivered.resulted_date <= $as_of, false) as is_reported,
        seed_tests.is_resistance_test = 'true' as is_resistance_test,
        specimens.reading,
        coalesce(specimens.course_key = kept_courses.course_key, false)
            as is_own_specimen,
        delivered.collected_date
        >= kept_courses.start_date + $refute_from_day as is_late_enough_to_refute
    from kept_courses
    inner join delivered on kept_courses.patient_key = delivered.patient_key
    inner join seed_tests on delivered.test = seed_tests.test
    left join specimens on delivered.lab_id = specimens.lab_id
    where
        delivered.collected_date
        between kept_courses.start_date - $renal_lookback_days
        and kept_courses.end_date + $specimen_after_days
        or (
            delivered.test in ('hiv_test', 'cd4')
            and delivered.collected_date <= kept_courses.start_date
        )
)

select * from final
