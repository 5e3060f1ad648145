-- Accepted laboratory results that were reported by the as-of date.
-- grain: one row a reported result
-- units: units as delivered; igg in mg/dL
-- source: criteria, introduction and 4
with

final as (
    select
        patients.patient_key,
        accepted_labs.file_id,
        accepted_labs.line,
        cast(
            $keys_before
            + row_number() over (
                order by patients.patient_key, accepted_labs.lab_id
            ) as integer
        ) as result_key,
        accepted_labs.lab_id,
        accepted_labs.collected_date,
        accepted_labs.resulted_date,
        accepted_labs.test,
        accepted_labs.result,
        accepted_labs.value,
        accepted_labs.value_operator,
        coalesce(accepted_labs.unit, nullif(seed_tests.default_unit, '')) as unit,
        seed_tests.is_resistance_test = 'true' as is_resistance_test,
        seed_tests.can_show_acyclovir_resistance = 'true'
            as can_show_acyclovir_resistance,
        seed_tests.is_genotype = 'true' as is_genotype
    from accepted_labs
    inner join patients on accepted_labs.patient_id = patients.patient_id
    inner join seed_tests on accepted_labs.test = seed_tests.test
    where accepted_labs.resulted_date <= $as_of
)

select * from final
