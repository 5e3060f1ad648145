-- What happened to each case that is not closed, from shortly before its course on: therapy, visits, specimens, events.
-- grain: one row a case, lane and what happened
-- units: day 0 is the start
-- source: criteria 9; report, question 1
with

listed as (
    select
        courses.course_key,
        courses.patient_key,
        courses.start_date,
        courses.end_date,
        courses.syndrome,
        courses.deciding_date,
        courses.start_date - $specimen_before_days as shown_from
    from open_cases
    inner join courses on open_cases.course_key = courses.course_key
),

therapy as (
    select
        listed.course_key,
        'therapy' as lane,
        prescriptions.start_date as from_date,
        prescriptions.end_date as to_date,
        prescriptions.drug as label,
        case
            when prescriptions.intent = 'prophylaxis' then 'prophylaxis'
            when prescriptions.drug_class = 'tk_dependent' then 'class'
            else 'other'
        end as state
    from listed
    inner join prescriptions
        on
            listed.patient_key = prescriptions.patient_key
            and prescriptions.end_date >= listed.shown_from
),

visit_days as (
    select
        listed.course_key,
        visits.visit_date,
        listed.deciding_date,
        max(visits.status_rank) as status_rank
    from listed
    inner join visits
        on
            listed.patient_key = visits.patient_key
            and visits.visit_date >= listed.shown_from
            and (
                visits.syndrome is null
                or listed.syndrome = 'unknown'
                or visits.syndrome = listed.syndrome
            )
    group by listed.course_key, visits.visit_date, listed.deciding_date
),

seen as (
    select
        visit_days.course_key,
        'visit' as lane,
        visit_days.visit_date as from_date,
        visit_days.visit_date as to_date,
        seed_lesion_statuses.lesion_status as label,
        case
            when visit_days.visit_date = visit_days.deciding_date then 'decides'
        end as state
    from visit_days
    inner join seed_lesion_statuses
        on
            visit_days.status_rank
            = cast(seed_lesion_statuses.status_rank as integer)
),

tested as (
    select
        listed.course_key,
        'specimen' as lane,
        results.collected_date as from_date,
        results.collected_date as to_date,
        results.test as label,
        coalesce(specimens.reading, results.result) as state
    from listed
    inner join results
        on
            listed.patient_key = results.patient_key
            and results.collected_date >= listed.shown_from
    left join specimens on results.result_key = specimens.result_key
    where
        results.is_resistance_test
        or results.test in ('hsv_pcr', 'vzv_pcr')
),

awaited as (
    select
        listed.course_key,
        'specimen' as lane,
        specimens_taken.collected_date as from_date,
        specimens_taken.collected_date as to_date,
        specimens_taken.test as label,
        'awaited' as state
    from listed
    inner join specimens_taken
        on
            listed.patient_key = specimens_taken.patient_key
            and specimens_taken.collected_date >= listed.shown_from
    where not specimens_taken.is_reported
),

happened as (
    select
        listed.course_key,
        'event' as lane,
        events.event_date as from_date,
        events.event_date as to_date,
        events.event as label,
        case when events.is_alternative_diagnosis then 'other_diagnosis' end
            as state
    from listed
    inner join events
        on
            listed.patient_key = events.patient_key
            and events.event_date >= listed.shown_from
),

gathered as (
    select * from therapy
    union
    select * from seen
    union
    select * from tested
    union
    select * from awaited
    union
    select * from happened
),

final as (
    select
        gathered.course_key,
        gathered.lane,
        cast(
            date_diff('day', listed.start_date, gathered.from_date) as integer
        ) as day_from,
        cast(
            date_diff('day', listed.start_date, gathered.to_date) as integer
        ) as day_to,
        gathered.label,
        gathered.state
    from gathered
    inner join listed on gathered.course_key = listed.course_key
)

select * from final
