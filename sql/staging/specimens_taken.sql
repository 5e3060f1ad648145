-- Every accepted specimen for a resistance test, HIV or renal function, resulted or not.
-- grain: one row a specimen
-- units: dates in days
-- source: criteria 8 and 9
with

final as (
    select
        patients.patient_key,
        accepted_labs.collected_date,
        accepted_labs.test,
        coalesce(accepted_labs.resulted_date <= $as_of, false) as is_reported,
        seed_tests.is_resistance_test = 'true' as is_resistance_test,
        seed_tests.can_show_acyclovir_resistance = 'true'
            as can_show_acyclovir_resistance
    from accepted_labs
    inner join patients on accepted_labs.patient_id = patients.patient_id
    inner join seed_tests on accepted_labs.test = seed_tests.test
    where
        seed_tests.is_resistance_test = 'true'
        or accepted_labs.test in ('hiv_test', 'creatinine_clearance')
)

select * from final
