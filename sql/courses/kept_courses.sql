-- Kept courses with what ends their follow-up: next course, switch, death or transfer.
-- grain: one row a kept course
-- units: dates in days
-- source: criteria 2.7 to 2.12 and 3
with

kept as (
    select
        cast(
            $keys_before
            + row_number() over (order by patient_key, start_date, dosing) as integer
        ) as course_key,
        *
    from built_courses
    where not is_absorbed
),

starts as (
    select distinct
        patient_key,
        start_date
    from kept
),

next_courses as (
    select
        patient_key,
        start_date,
        lead(start_date) over (
            partition by patient_key
            order by start_date
        ) as next_course_date
    from starts
),

other_drugs as (
    select
        patient_key,
        start_date,
        end_date
    from prescriptions
    where
        drug_class = 'alternative'
        or (drug_class = 'other_active' and is_systemic)
),

switches as (
    select
        starts.patient_key,
        starts.start_date,
        min(other_drugs.start_date) filter (
            where other_drugs.start_date > starts.start_date
        ) as switch_date,
        bool_or(
            starts.start_date between other_drugs.start_date and other_drugs.end_date
        ) as is_concurrent
    from starts
    inner join other_drugs on starts.patient_key = other_drugs.patient_key
    group by starts.patient_key, starts.start_date
),

departures as (
    select
        starts.patient_key,
        starts.start_date,
        min(events.event_date) as departure_date
    from starts
    inner join events
        on
            starts.patient_key = events.patient_key
            and starts.start_date <= events.event_date
    where events.ends_followup
    group by starts.patient_key, starts.start_date
),

final as (
    select
        kept.course_key,
        kept.patient_key,
        kept.dosing,
        kept.dosing_rank,
        kept.start_date,
        kept.end_date,
        kept.length_days,
        kept.drugs,
        kept.adherent_days,
        kept.known_days,
        kept.syndrome,
        kept.site_id,
        kept.n_prescriptions,
        next_courses.next_course_date,
        switches.switch_date,
        coalesce(switches.is_concurrent, false) as is_concurrent,
        departures.departure_date,
        least(
            next_courses.next_course_date,
            switches.switch_date,
            departures.departure_date
        ) as followup_ends
    from kept
    inner join next_courses
        on
            kept.patient_key = next_courses.patient_key
            and kept.start_date = next_courses.start_date
    left join switches
        on
            kept.patient_key = switches.patient_key
            and kept.start_date = switches.start_date
    left join departures
        on
            kept.patient_key = departures.patient_key
            and kept.start_date = departures.start_date
)

select * from final
