-- Lesions that stay or return inside one prophylaxis prescription, with no course over them.
-- grain: one row a prophylaxis prescription
-- units: dates in days
-- source: criteria 9: breakthrough
with

lesion_visits as (
    select
        systemic_prescriptions.prescription_key,
        visits.visit_date
    from systemic_prescriptions
    inner join visits
        on
            systemic_prescriptions.patient_key = visits.patient_key
            and visits.visit_date between systemic_prescriptions.start_date
            and systemic_prescriptions.end_date
    left join kept_courses
        on
            systemic_prescriptions.patient_key = kept_courses.patient_key
            and visits.visit_date between kept_courses.start_date
            and kept_courses.end_date
    where
        systemic_prescriptions.intent = 'prophylaxis'
        and not visits.is_healed
        and kept_courses.course_key is null
),

final as (
    select
        patients.patient_id,
        systemic_prescriptions.patient_key,
        systemic_prescriptions.prescription_key,
        prescriptions.site_id,
        prescriptions.drug,
        systemic_prescriptions.start_date as prescription_start,
        systemic_prescriptions.end_date as prescription_end,
        min(lesion_visits.visit_date) as first_visit_date,
        max(lesion_visits.visit_date) as last_visit_date,
        count(distinct lesion_visits.visit_date) as n_visits,
        patient_flags.risk_group
    from lesion_visits
    inner join systemic_prescriptions
        on lesion_visits.prescription_key = systemic_prescriptions.prescription_key
    inner join prescriptions
        on systemic_prescriptions.prescription_key = prescriptions.prescription_key
    inner join patients
        on systemic_prescriptions.patient_key = patients.patient_key
    inner join patient_flags
        on
            systemic_prescriptions.patient_key = patient_flags.patient_key
            and systemic_prescriptions.start_date = patient_flags.index_date
    group by all
    having
        date_diff(
            'day', min(lesion_visits.visit_date), max(lesion_visits.visit_date)
        ) >= $breakthrough_days
)

select * from final
