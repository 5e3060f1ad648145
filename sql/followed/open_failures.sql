-- Failures that are excluded, refuted or not evaluable and not closed, with why.
-- grain: one row an open explained failure
-- units: dates in days
-- source: criteria 9: explained failures; 2.5
with

within_other_guidance as (
    select distinct
        treatment_prescriptions.patient_key,
        treatment_prescriptions.start_date
    from treatment_prescriptions
    inner join patient_flags
        on
            treatment_prescriptions.patient_key = patient_flags.patient_key
            and treatment_prescriptions.start_date = patient_flags.index_date
    where
        treatment_prescriptions.drug = 'acyclovir'
        and treatment_prescriptions.route = 'oral'
        and treatment_prescriptions.dosing = 'inadequate'
        and treatment_prescriptions.syndrome <> 'zoster'
        and patient_flags.is_immunocompromised
        and treatment_prescriptions.daily_amount >= $other_guidance_daily_mg
),

final as (
    select
        courses.course_key,
        courses.patient_id,
        courses.site_id,
        courses.start_date,
        courses.end_date,
        courses.drugs,
        courses.deciding_date,
        courses.deciding_status,
        courses.classification,
        courses.reason,
        courses.risk_group,
        courses.reason = 'inadequate_dosing'
        and within_other_guidance.patient_key is not null
            as is_within_other_guidance
    from courses
    inner join followed_courses
        on courses.course_key = followed_courses.course_key
    left join within_other_guidance
        on
            courses.patient_key = within_other_guidance.patient_key
            and courses.start_date = within_other_guidance.start_date
    where
        courses.outcome = 'failed'
        and courses.classification in ('excluded', 'refuted', 'not_evaluable')
        and not followed_courses.is_closed
)

select * from final
