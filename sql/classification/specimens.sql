-- Results of the resistance tests with the course that each belongs to, and how each reads.
-- grain: one row a reported result of a resistance test
-- units: cut-offs in ug/mL and umol/L
-- source: criteria 4: specimens
with

attached as (
    select
        results.result_key,
        kept_courses.course_key,
        kept_courses.syndrome,
        cast(
            date_diff('day', kept_courses.start_date, results.collected_date)
            as integer
        ) as collected_day
    from results
    inner join kept_courses
        on
            results.patient_key = kept_courses.patient_key
            and results.collected_date
            between kept_courses.start_date - $specimen_before_days
            and kept_courses.end_date + $specimen_after_days
    where results.is_resistance_test
    qualify
        row_number() over (
            partition by results.result_key
            order by kept_courses.start_date desc, kept_courses.dosing_rank
        ) = 1
),

measured as (
    select
        results.*,
        attached.course_key,
        attached.syndrome,
        attached.collected_day,
        case
            when results.unit = 'ug/ml' then $resistant_ec50_ug_ml
            when results.unit = 'umol/l' then $resistant_ec50_umol_l
        end as cut_off,
        coalesce(attached.syndrome = 'zoster', false) as is_zoster
    from results
    left join attached on results.result_key = attached.result_key
    where results.is_resistance_test
),

read_values as (
    select
        *,
        result is null
        and value is not null
        and cut_off is not null
        and not is_zoster as is_read_from_value,
        case
            when value_operator is null or value_operator in ('>', '>=')
                then value >= cut_off
            else false
        end as is_at_or_above,
        case
            when value_operator is null then value < cut_off
            when value_operator = '<' then value <= cut_off
            when value_operator = '<=' then value < cut_off
            else false
        end as is_below
    from measured
),

final as (
    select
        patient_key,
        result_key,
        lab_id,
        test,
        result,
        collected_date,
        resulted_date,
        course_key,
        collected_day,
        case
            when not can_show_acyclovir_resistance then null
            when is_genotype and result = 'resistance_mutation' and not is_zoster
                then 'resistant'
            when is_genotype then null
            when result in ('resistant', 'susceptible') then result
            when is_read_from_value and is_at_or_above then 'resistant'
            when is_read_from_value and is_below then 'susceptible'
        end as reading
    from read_values
)

select * from final
