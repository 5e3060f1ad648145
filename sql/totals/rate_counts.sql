-- Counts behind every rate: patients once, patients by their first evaluable course, and courses beside them.
-- grain: one row a unit, rule, window, population, syndrome group and definition
-- units: patients or courses
-- source: criteria 6; statistics a and j; all but k of patients' first courses is that of the patients
with

units as (
    select
        'patient' as unit,
        false as is_first_only
    union all
    select
        'patient_first' as unit,
        true as is_first_only
),

patients_counted as (
    select
        units.unit,
        window_key,
        population_key,
        is_headline,
        is_zoster,
        definition,
        cast(sum(n) filter (where is_in_rate) as bigint) as n,
        cast(
            sum(n) filter (
                where
                case
                    when units.is_first_only then is_first_numerator
                    else is_numerator
                end
            ) as bigint
        ) as k,
        cast(
            sum(n) filter (where classification in ('not_evaluable', 'pending'))
            as bigint
        ) as not_evaluable,
        cast(sum(n) filter (where classification = 'excluded') as bigint)
            as excluded,
        cast(sum(n) filter (where is_immature) as bigint) as immature,
        cast(sum(n) filter (where is_failure) as bigint) as n_failures,
        cast(sum(n) filter (where is_tested_failure) as bigint) as n_tested,
        cast(sum(n) filter (where is_short_response) as bigint) as n_short,
        cast(sum(n) filter (where has_outside) as bigint) as confirmed_outside,
        cast(sum(n) filter (where is_in_rate) as bigint) as n_patients,
        cast(null as bigint) as sum_n2,
        cast(null as bigint) as sum_ny,
        cast(null as bigint) as sum_y2
    from pick_counts
    cross join units
    group by
        units.unit, window_key, population_key, is_headline, is_zoster, definition
),

courses_counted as (
    select
        'course' as unit,
        window_key,
        population_key,
        is_headline,
        is_zoster,
        definition,
        cast(sum(n) as bigint) as n,
        cast(sum(k) as bigint) as k,
        cast(sum(not_evaluable) as bigint) as not_evaluable,
        cast(sum(excluded) as bigint) as excluded,
        cast(sum(immature) as bigint) as immature,
        cast(sum(n_failures) as bigint) as n_failures,
        cast(sum(n_tested) as bigint) as n_tested,
        cast(sum(n_short) as bigint) as n_short,
        cast(sum(confirmed_outside) as bigint) as confirmed_outside,
        cast(sum(n_patients) as bigint) as n_patients,
        cast(sum(sum_n2) as bigint) as sum_n2,
        cast(sum(sum_ny) as bigint) as sum_ny,
        cast(sum(sum_y2) as bigint) as sum_y2
    from course_counts
    group by window_key, population_key, is_headline, is_zoster, definition
),

counted as (
    select * from patients_counted
    union all
    select * from courses_counted
),

final as (
    select
        counted.unit,
        counted.definition,
        counted.n,
        counted.k,
        counted.not_evaluable,
        counted.excluded,
        counted.immature,
        counted.n_failures,
        counted.n_tested,
        counted.n_short,
        counted.confirmed_outside,
        counted.n_patients,
        counted.sum_n2,
        counted.sum_ny,
        counted.sum_y2,
        windows.window_kind,
        seed_populations.population,
        case when counted.is_headline then 'headline' else 'strict' end as rule,
        case when counted.is_zoster then 'zoster' else 'hsv' end as syndrome
    from counted
    inner join windows on counted.window_key = windows.window_key
    inner join seed_populations
        on
            counted.population_key
            = cast(seed_populations.population_key as tinyint)
    where windows.window_kind <> 'month'
)

select * from final
