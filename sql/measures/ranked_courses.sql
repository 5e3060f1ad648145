-- Counted courses in the order in which a patient is represented by them: class, start, dosing.
-- grain: one row a course and rule
-- units: none
-- source: criteria 6: unit
with

counted as (
    select
        classes.rule,
        courses.course_key,
        courses.patient_key,
        courses.start_date,
        courses.dosing_rank,
        courses.length_days,
        courses.syndrome = 'zoster' as is_zoster,
        courses.is_mature,
        courses.is_lab_mature,
        courses.adherence is not null as is_adherence_known,
        classes.classification,
        classes.deciding_day,
        classes.is_in_rate,
        coalesce(classes.outcome = 'failed', false) as is_failed,
        coalesce(classes.reason = 'susceptible_isolate', false)
            as is_refuted_by_isolate,
        classes.is_tested
    from classes
    inner join courses on classes.course_key = courses.course_key
    where courses.start_date >= (select min(window_start) from windows)
),

-- How many of each there are, so that rule, rank, day, dosing and key are the digits of
-- one number: smaller for the course that comes first, and no two the same. Numbering
-- the sorted rows would take three times as long.
sizes as (
    select
        cast(max(course_key) + 1 as bigint) as n_keys,
        min(start_date) as first_day,
        date_diff('day', min(start_date), max(start_date)) + 1 as n_days,
        (select max(cast(dosing_rank as integer)) + 1 from seed_dosings)
            as n_dosings,
        (select max(cast(pick_rank as integer)) + 1 from seed_classes) as n_ranks
    from counted
),

final as (
    select
        counted.rule,
        counted.course_key,
        counted.patient_key,
        counted.start_date,
        counted.is_zoster,
        counted.is_mature,
        counted.is_lab_mature,
        counted.classification,
        counted.is_in_rate,
        counted.is_in_rate and seed_classes.is_case = 'true' as is_case,
        counted.is_in_rate and counted.classification = 'confirmed' as is_confirmed,
        counted.is_in_rate and counted.is_failed as is_failure,
        counted.is_in_rate and counted.is_failed and counted.is_tested
            as is_tested_failure,
        counted.is_refuted_by_isolate,
        counted.classification = 'responded'
        and (
            counted.length_days < $min_therapy_days
            or counted.deciding_day < $min_therapy_days
        ) as is_short_response,
        counted.classification = 'confirmed' and not counted.is_in_rate
            as is_confirmed_outside,
        counted.is_adherence_known,
        (
            (
                (
                    cast(seed_classes.pick_rank as bigint)
                    + case
                        when counted.rule = 'headline' then 0
                        else sizes.n_ranks
                    end
                )
                * sizes.n_days
                + date_diff('day', sizes.first_day, counted.start_date)
            )
            * sizes.n_dosings
            + counted.dosing_rank
        )
        * sizes.n_keys
        + counted.course_key as pick_order
    from counted
    inner join seed_classes
        on
            counted.classification = seed_classes.classification
            and counted.is_in_rate = (seed_classes.in_rate = 'true')
    cross join sizes
)

select * from final
