-- Patients of the rolling window, HSV, headline rule, with the course that stands for each.
-- grain: one row a patient, population and definition
-- units: dates in days
-- source: criteria 6: unit; report, question 3
with

picked as (
    select
        patient_windows.patient_key,
        patient_windows.population_key,
        'case' as definition,
        patient_windows.case_pick as pick_order
    from patient_windows
    inner join windows on patient_windows.window_key = windows.window_key
    where
        windows.window_kind = 'rolling'
        and patient_windows.is_headline
        and not patient_windows.is_zoster
    union all
    select
        patient_windows.patient_key,
        patient_windows.population_key,
        'confirmed' as definition,
        patient_windows.confirmed_pick as pick_order
    from patient_windows
    inner join windows on patient_windows.window_key = windows.window_key
    where
        windows.window_kind = 'rolling'
        and patient_windows.is_headline
        and not patient_windows.is_zoster
),

final as (
    select
        patients.patient_id,
        seed_populations.population,
        picked.definition,
        ranked_courses.course_key,
        ranked_courses.start_date,
        ranked_courses.pick_order is null as is_immature,
        coalesce(ranked_courses.is_in_rate, false) as is_in_rate,
        coalesce(
            case
                when picked.definition = 'confirmed' then ranked_courses.is_confirmed
                else ranked_courses.is_case
            end,
            false
        ) as is_numerator
    from picked
    inner join patients on picked.patient_key = patients.patient_key
    inner join seed_populations
        on
            picked.population_key
            = cast(seed_populations.population_key as tinyint)
    left join ranked_courses on picked.pick_order = ranked_courses.pick_order
)

select * from final
order by patient_id, population, definition
