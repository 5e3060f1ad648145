-- The delivered rows that each course rests on; its number is its place in courses.
-- grain: one row a kept course and delivered row
-- units: day 0 is the start
-- source: outputs: explain
with

identified as (
    select
        kept_courses.course_key,
        kept_courses.patient_key,
        kept_courses.dosing,
        kept_courses.start_date,
        kept_courses.end_date,
        greatest(
            kept_courses.end_date,
            least(
                kept_courses.start_date + $followup_days,
                kept_courses.end_date + $after_course_days
            )
        ) as last_visit_date
    from kept_courses
),

from_prescriptions as (
    select
        identified.course_key,
        'prescriptions' as extract,
        prescriptions.file_id,
        prescriptions.line,
        treatment_prescriptions.start_date as event_date,
        concat_ws(
            ' ',
            prescriptions.drug,
            prescriptions.route,
            cast(cast(prescriptions.dose as double) as varchar),
            prescriptions.dose_unit,
            'x',
            cast(cast(prescriptions.doses_per_day as double) as varchar),
            'until',
            cast(treatment_prescriptions.end_date as varchar)
        ) as what
    from identified
    inner join treatment_prescriptions
        on
            identified.patient_key = treatment_prescriptions.patient_key
            and identified.dosing = treatment_prescriptions.dosing
            and treatment_prescriptions.start_date
            between identified.start_date and identified.end_date
    inner join prescriptions
        on treatment_prescriptions.prescription_key = prescriptions.prescription_key
),

from_visits as (
    select
        identified.course_key,
        'followups' as extract,
        visits.file_id,
        visits.line,
        visits.visit_date as event_date,
        seed_lesion_statuses.lesion_status as what
    from identified
    inner join visits
        on
            identified.patient_key = visits.patient_key
            and visits.visit_date
            between identified.start_date - $intent_visit_before_days
            and identified.last_visit_date
    inner join seed_lesion_statuses
        on visits.status_rank = cast(seed_lesion_statuses.status_rank as integer)
),

from_other_drugs as (
    select
        identified.course_key,
        'prescriptions' as extract,
        prescriptions.file_id,
        prescriptions.line,
        prescriptions.start_date as event_date,
        concat_ws(
            ' ',
            prescriptions.drug,
            prescriptions.route,
            'until',
            cast(prescriptions.end_date as varchar)
        ) as what
    from identified
    inner join prescriptions
        on
            identified.patient_key = prescriptions.patient_key
            and prescriptions.start_date <= identified.last_visit_date
            and prescriptions.end_date >= identified.start_date
    where prescriptions.drug_class <> 'tk_dependent'
),

from_results as (
    select
        identified.course_key,
        'labs' as extract,
        results.file_id,
        results.line,
        results.collected_date as event_date,
        concat_ws(
            ' ',
            results.test,
            results.result,
            results.value_operator,
            cast(cast(results.value as double) as varchar),
            results.unit,
            case
                when specimens.reading is not null
                    then concat('reads ', specimens.reading)
            end
        ) as what
    from identified
    inner join results
        on
            identified.patient_key = results.patient_key
            and results.collected_date
            between identified.start_date - $renal_lookback_days
            and identified.end_date + $specimen_after_days
    left join specimens
        on
            results.result_key = specimens.result_key
            and identified.course_key = specimens.course_key
),

from_events as (
    select
        identified.course_key,
        'clinical_events' as extract,
        events.file_id,
        events.line,
        events.event_date,
        events.event as what
    from identified
    inner join events
        on
            identified.patient_key = events.patient_key
            and events.event_date
            between identified.start_date - $mimic_before_days
            and identified.last_visit_date + $mimic_after_days
),

gathered as (
    select * from from_prescriptions
    union all
    select * from from_other_drugs
    union all
    select * from from_visits
    union all
    select * from from_results
    union all
    select * from from_events
),

final as (
    select
        identified.course_key as course_number,
        cast(
            date_diff('day', identified.start_date, gathered.event_date) as integer
        ) as day,
        gathered.extract,
        gathered.what,
        gathered.file_id,
        gathered.line
    from gathered
    inner join identified on gathered.course_key = identified.course_key
)

select * from final
