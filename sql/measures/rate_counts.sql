-- Counts behind every rate: patients once, and courses beside them.
-- grain: one row a unit, rule, window, population, syndrome group and definition
-- units: patients or courses
-- source: criteria 6; statistics a and j
with

patients_counted as (
    select
        'patient' as unit,
        window_kind,
        window_start,
        window_end,
        population,
        definition,
        rule,
        syndrome_group,
        count(*) filter (where is_in_rate) as n,
        count(*) filter (where is_numerator) as k,
        count(*) filter (
            where classification in ('not_evaluable', 'pending')
        ) as not_evaluable,
        count(*) filter (where classification = 'excluded') as excluded,
        count(*) filter (where is_immature) as immature,
        count(*) filter (where is_failure) as n_failures,
        count(*) filter (where is_tested_failure) as n_tested,
        count(*) filter (where is_short_response) as n_short,
        count(*) filter (where has_confirmed_outside) as confirmed_outside,
        count(*) filter (where is_in_rate) as n_patients,
        cast(null as bigint) as sum_n2,
        cast(null as bigint) as sum_ny,
        cast(null as bigint) as sum_y2
    from patient_picks
    where window_kind <> 'month'
    group by all
),

course_totals as (
    select
        window_kind,
        window_start,
        window_end,
        population,
        definition,
        rule,
        syndrome_group,
        patient_key,
        count(*) filter (where is_counted and is_in_rate) as n,
        count(*) filter (where is_counted and is_numerator) as k,
        count(*) filter (
            where is_counted and classification in ('not_evaluable', 'pending')
        ) as not_evaluable,
        count(*) filter (where is_counted and classification = 'excluded')
            as excluded,
        count(*) filter (where not is_counted) as immature,
        count(*) filter (where is_counted and is_failure) as n_failures,
        count(*) filter (where is_counted and is_tested_failure) as n_tested,
        count(*) filter (where is_counted and is_short_response) as n_short,
        count(*) filter (where is_counted and is_confirmed_outside)
            as confirmed_outside
    from window_courses
    where window_kind <> 'month'
    group by all
),

courses_counted as (
    select
        'course' as unit,
        window_kind,
        window_start,
        window_end,
        population,
        definition,
        rule,
        syndrome_group,
        cast(sum(n) as bigint) as n,
        cast(sum(k) as bigint) as k,
        cast(sum(not_evaluable) as bigint) as not_evaluable,
        cast(sum(excluded) as bigint) as excluded,
        cast(sum(immature) as bigint) as immature,
        cast(sum(n_failures) as bigint) as n_failures,
        cast(sum(n_tested) as bigint) as n_tested,
        cast(sum(n_short) as bigint) as n_short,
        cast(sum(confirmed_outside) as bigint) as confirmed_outside,
        count(*) filter (where n > 0) as n_patients,
        cast(sum(n * n) as bigint) as sum_n2,
        cast(sum(n * k) as bigint) as sum_ny,
        cast(sum(k * k) as bigint) as sum_y2
    from course_totals
    group by all
),

final as (
    select * from patients_counted
    union all
    select * from courses_counted
)

select * from final
