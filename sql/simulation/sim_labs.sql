-- The extract `labs`: results of courses and of patients, some not yet reported.
-- grain: one row a result.
-- units: value as text in unit, a censoring sign before it where there is one.
-- source: extracts.md; seeds/simulation_tests.csv and simulation_values.csv.
with course_tests as (
    select
        patient_number * $rows_per_patient
        + course_slot * $rows_per_course + test_slot as lab_number,
        part(course_entropy, test_slot) as row_entropy,
        start_date
        + whole(
            part(course_entropy, test_slot), 'specimen day', day_from, day_to
        ) as planned_date,
        -- what one swab is tested for is collected on one day
        start_date
        + whole(course_entropy, 'specimen day', day_from, day_to) as swab_date,
        sim_tests.* exclude (
            source, population, syndrome, share, level, test_slot, day_from, day_to
        ),
        is_resistant,
        patient_id,
        sim_courses.population,
        renal_band,
        has_polymerase_mutation,
        last_day,
    from sim_courses
    inner join sim_tests
        on
            sim_tests.level = 'course'
            and uniform(part(course_entropy, test_slot), 'test') < sim_tests.share
            and sim_tests.population in ('any', sim_courses.population)
            and sim_tests.syndrome in ('any', sim_courses.syndrome)
    where
        case sim_tests.occasion
            when 'any' then true
            when 'tested' then is_tested
            when 'untested' then fails and not is_tested and not is_lost
            when 'failing' then fails and not is_lost
            when 'other_diagnosis' then has_other_diagnosis and fails and not is_lost
            when 'renal' then renal_band <> 'normal'
            when 'iv' then first_route = 'iv'
        end
),

patient_tests as (
    select
        patient_number * $rows_per_patient + $rows_per_patient // 2
        + test_slot as lab_number,
        part(patient_entropy, test_slot) as row_entropy,
        $data_start
        + whole(
            part(patient_entropy, test_slot), 'specimen day', day_from, day_to
        ) as planned_date,
        sim_tests.* exclude (
            source, population, syndrome, share, level, test_slot, day_from, day_to
        ),
        result = 'resistant' as is_resistant,
        patient_id,
        sim_people.population,
        renal_band,
        has_polymerase_mutation,
        last_day,
    from sim_people
    inner join sim_tests
        on
            sim_tests.level = 'patient'
            and uniform(part(patient_entropy, test_slot), 'test') < sim_tests.share
            and sim_tests.population in ('any', sim_people.population)
            and (sim_tests.occasion <> 'untreated' or sim_people.n_courses = 0)
),

every_test as (
    select
        * exclude (planned_date, swab_date),
        case when occasion = 'tested' then swab_date else planned_date end
            as collected_date,
    from course_tests
    union all by name
    select * exclude (planned_date), planned_date as collected_date from patient_tests
),

dated as (
    select
        *,
        collected_date
        + whole(row_entropy, 'result day', result_from, result_to) as planned_result,
        case value_set
            when 'ec50'
                then
                    case
                        when is_resistant then 'ec50_resistant'
                        else 'ec50_susceptible'
                    end
            when 'crcl' then 'crcl_' || renal_band
            else value_set
        end as value_set_of_row,
    from every_test
    where collected_date <= last_day
),

valued as (
    select
        dated.*,
        planned_result <= $as_of as is_reported,
        sim_values.unit as value_unit,
        value_from
        + uniform(row_entropy, 'value') * (value_to - value_from) as drawn_value,
        places,
        below_is_censored,
        above_is_censored,
        case dated.result
            when 'susceptibility'
                then
                    case
                        when
                            uniform(row_entropy, 'indeterminate') < $indeterminate_share
                            then 'indeterminate'
                        when is_resistant then 'resistant'
                        else 'susceptible'
                    end
            when 'ul23'
                then
                    case
                        when is_resistant and not has_polymerase_mutation
                            then 'resistance_mutation'
                        else 'no_resistance_mutation'
                    end
            when 'ul30'
                then
                    case
                        when is_resistant and has_polymerase_mutation
                            then 'resistance_mutation'
                        else 'no_resistance_mutation'
                    end
            when 'hiv'
                then
                    case
                        when population in ('hiv', 'aids_prolonged') then 'positive'
                        else 'negative'
                    end
            else dated.result
        end as drawn_result,
    from dated
    left join sim_values
        on
            sim_values.value_set = dated.value_set_of_row
            and slot
            = slot_of(row_entropy, 'value kind', $choice_slots)
),

written as (
    select
        *,
        case
            when drawn_value < below_is_censored
                then '<' || written(below_is_censored, places)
            when drawn_value > above_is_censored
                then '>' || written(above_is_censored, places)
            else written(drawn_value, places)
        end as value_text,
        -- a laboratory that states a number may leave its reading to others
        drawn_value is not null
        and drawn_result <> 'indeterminate'
        and uniform(row_entropy, 'number alone') < $number_alone_share
            as is_number_alone,
        coalesce(drawn_result, '') <> 'indeterminate' as says_something,
    from valued
)

select
    'L' || format('{:010d}', lab_number) as lab_id,
    patient_id,
    collected_date,
    case when is_reported then planned_result end as resulted_date,
    test,
    case
        when is_reported and not coalesce(is_number_alone, false) then drawn_result
    end as result,
    case when is_reported and says_something then value_text end as value,
    case when is_reported and says_something then value_unit end as unit,
from written
