-- The prescriptions that a course rests on, and the other antivirals around it.
-- grain: one row a course and prescription
-- units: daily amount in mg or mg/kg; day 0 is the start
-- source: criteria 2.4 to 2.12
with

spans as (
    select
        *,
        greatest(
            end_date,
            least(start_date + $followup_days, end_date + $after_course_days)
        ) as last_date
    from kept_courses
),

own as (
    select
        spans.course_key,
        treatment_prescriptions.prescription_key,
        treatment_prescriptions.syndrome,
        treatment_prescriptions.adherence,
        treatment_prescriptions.daily_amount,
        treatment_prescriptions.per_weight_kg,
        treatment_prescriptions.creatinine_clearance,
        treatment_prescriptions.dosing
    from spans
    inner join treatment_prescriptions
        on
            spans.patient_key = treatment_prescriptions.patient_key
            and spans.dosing = treatment_prescriptions.dosing
            and treatment_prescriptions.start_date
            between spans.start_date and spans.end_date
),

others as (
    select
        spans.course_key,
        prescriptions.prescription_key
    from spans
    inner join prescriptions
        on
            spans.patient_key = prescriptions.patient_key
            and prescriptions.start_date <= spans.last_date
            and prescriptions.end_date >= spans.start_date
    where prescriptions.drug_class <> 'tk_dependent'
),

named as (
    select
        course_key,
        prescription_key
    from own
    union
    select
        course_key,
        prescription_key
    from others
),

final as (
    select
        named.course_key,
        named.prescription_key,
        prescriptions.file_id,
        prescriptions.line,
        prescriptions.drug,
        prescriptions.drug_class,
        prescriptions.route,
        prescriptions.start_date,
        prescriptions.end_date,
        cast(
            date_diff('day', kept_courses.start_date, prescriptions.start_date)
            as integer
        ) as day,
        cast(
            date_diff('day', kept_courses.start_date, prescriptions.end_date)
            as integer
        ) as last_day,
        prescriptions.dose,
        prescriptions.dose_unit,
        prescriptions.doses_per_day,
        own.course_key is not null as is_own,
        own.syndrome,
        own.adherence,
        own.daily_amount,
        own.per_weight_kg,
        own.creatinine_clearance,
        own.dosing
    from named
    inner join kept_courses on named.course_key = kept_courses.course_key
    inner join prescriptions
        on named.prescription_key = prescriptions.prescription_key
    left join own
        on
            named.course_key = own.course_key
            and named.prescription_key = own.prescription_key
)

select * from final
