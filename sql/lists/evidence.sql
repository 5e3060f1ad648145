-- The delivered rows that each course rests on: prescriptions, visits, results and events.
-- grain: one row a kept course and delivered row
-- units: day 0 is the start
-- source: outputs: explain
with

identified as (
    select
        patients.patient_id,
        kept_courses.*,
        least(
            kept_courses.start_date + $followup_days,
            kept_courses.end_date + $after_course_days
        ) as last_visit_date
    from kept_courses
    inner join patients on kept_courses.patient_key = patients.patient_key
),

from_prescriptions as (
    select
        identified.course_key,
        'prescriptions' as extract,
        accepted_prescriptions.file_id,
        accepted_prescriptions.line,
        treatment_prescriptions.start_date as event_date,
        concat_ws(
            ' ',
            accepted_prescriptions.drug,
            accepted_prescriptions.route,
            cast(cast(accepted_prescriptions.dose as double) as varchar),
            accepted_prescriptions.dose_unit,
            'x',
            cast(cast(accepted_prescriptions.doses_per_day as double) as varchar),
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
    inner join accepted_prescriptions
        on prescriptions.prescription_id = accepted_prescriptions.prescription_id
),

from_visits as (
    select
        identified.course_key,
        'followups' as extract,
        accepted_followups.file_id,
        accepted_followups.line,
        accepted_followups.visit_date as event_date,
        accepted_followups.lesion_status as what
    from identified
    inner join accepted_followups
        on
            identified.patient_id = accepted_followups.patient_id
            and accepted_followups.visit_date
            between identified.start_date - $intent_visit_before_days
            and identified.last_visit_date
),

from_results as (
    select
        identified.course_key,
        'labs' as extract,
        accepted_labs.file_id,
        accepted_labs.line,
        accepted_labs.collected_date as event_date,
        concat_ws(
            ' ', accepted_labs.test, accepted_labs.result, specimens.reading
        ) as what
    from identified
    inner join specimens on identified.course_key = specimens.course_key
    inner join accepted_labs on specimens.lab_id = accepted_labs.lab_id
),

from_events as (
    select
        identified.course_key,
        'clinical_events' as extract,
        accepted_clinical_events.file_id,
        accepted_clinical_events.line,
        accepted_clinical_events.event_date,
        accepted_clinical_events.event as what
    from identified
    inner join accepted_clinical_events
        on
            identified.patient_id = accepted_clinical_events.patient_id
            and accepted_clinical_events.event_date
            between identified.start_date - $mimic_before_days
            and identified.last_visit_date + $mimic_after_days
),

gathered as (
    select * from from_prescriptions
    union all
    select * from from_visits
    union all
    select * from from_results
    union all
    select * from from_events
),

final as (
    select
        identified.patient_id,
        identified.start_date,
        identified.dosing,
        gathered.event_date,
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
