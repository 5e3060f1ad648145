-- Course-level counts beside the patient-level ones.
-- grain: one row a window, population, syndrome group, rule and definition
-- units: courses; sums over patients of n*n, n*k and k*k
-- source: criteria 6; statistics a
with

definitions as (
    select
        'case' as definition,
        false as needs_laboratory
    union all
    select
        'confirmed' as definition,
        true as needs_laboratory
),

marked as (
    select
        windows.window_key,
        course_populations.population_key,
        ranked_courses.rule = 'headline' as is_headline,
        ranked_courses.is_zoster,
        definitions.definition,
        case
            when definitions.needs_laboratory then ranked_courses.is_lab_mature
            else ranked_courses.is_mature
        end as is_counted,
        case
            when definitions.needs_laboratory then ranked_courses.is_confirmed
            else ranked_courses.is_case
        end as is_numerator,
        ranked_courses.classification,
        ranked_courses.is_in_rate,
        ranked_courses.is_failure,
        ranked_courses.is_tested_failure,
        ranked_courses.is_short_response,
        ranked_courses.is_confirmed_outside
    from windows
    inner join ranked_courses
        on
            ranked_courses.start_date
            between windows.window_start and windows.window_end
    inner join course_populations
        on ranked_courses.course_key = course_populations.course_key
    cross join definitions
    where windows.window_kind <> 'month'
),

counts as (
    select
        window_key,
        population_key,
        is_headline,
        is_zoster,
        definition,
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
    from marked
    group by window_key, population_key, is_headline, is_zoster, definition
),

cluster_sums as (
    select
        patient_windows.window_key,
        patient_windows.population_key,
        patient_windows.is_headline,
        patient_windows.is_zoster,
        definitions.definition,
        case
            when definitions.needs_laboratory
                then cast(patient_windows.n_confirmed as bigint)
            else cast(patient_windows.n_case as bigint)
        end as n,
        case
            when definitions.needs_laboratory
                then cast(patient_windows.k_confirmed as bigint)
            else cast(patient_windows.k_case as bigint)
        end as k
    from patient_windows
    cross join definitions
),

final as (
    select
        counts.*,
        sums.n_patients,
        sums.sum_n2,
        sums.sum_ny,
        sums.sum_y2
    from counts
    inner join (
        select
            window_key,
            population_key,
            is_headline,
            is_zoster,
            definition,
            count(*) filter (where n > 0) as n_patients,
            cast(sum(n * n) as bigint) as sum_n2,
            cast(sum(n * k) as bigint) as sum_ny,
            cast(sum(k * k) as bigint) as sum_y2
        from cluster_sums
        group by window_key, population_key, is_headline, is_zoster, definition
    ) as sums
        on
            counts.window_key = sums.window_key
            and counts.population_key = sums.population_key
            and counts.is_headline = sums.is_headline
            and counts.is_zoster = sums.is_zoster
            and counts.definition = sums.definition
)

select * from final
