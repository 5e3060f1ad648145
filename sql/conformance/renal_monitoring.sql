-- Was renal function looked at under high-dose intravenous acyclovir?
-- grain: one row a kept course with high-dose intravenous acyclovir for some days
-- units: dose in mg/kg a day, lengths in days
-- source: criteria 8: renal_monitoring
with

high_doses as (
    select
        kept_courses.course_key,
        kept_courses.patient_key,
        kept_courses.start_date as course_start_date,
        kept_courses.end_date as course_end_date,
        treatment_prescriptions.start_date,
        treatment_prescriptions.end_date,
        max(treatment_prescriptions.end_date) over (
            partition by kept_courses.course_key
            order by
                treatment_prescriptions.start_date,
                treatment_prescriptions.prescription_key
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from treatment_prescriptions
    inner join kept_courses
        on
            treatment_prescriptions.patient_key = kept_courses.patient_key
            and treatment_prescriptions.dosing = kept_courses.dosing
            and treatment_prescriptions.start_date
            between kept_courses.start_date and kept_courses.end_date
    where
        treatment_prescriptions.drug = 'acyclovir'
        and treatment_prescriptions.route = 'iv'
        and treatment_prescriptions.daily_amount
        >= $high_dose_iv_mg_per_kg * treatment_prescriptions.per_weight_kg
),

high_dose_courses as (
    select
        course_key,
        patient_key,
        course_start_date as start_date,
        course_end_date as end_date
    from high_doses
    group by course_key, patient_key, course_start_date, course_end_date
    having
        sum(
            greatest(
                date_diff('day', greatest(start_date, covered_until + 1), end_date)
                + 1,
                0
            )
        ) >= $high_dose_iv_days
),

clearances as (
    select
        high_dose_courses.course_key,
        min(specimens_taken.collected_date) as collected_date
    from high_dose_courses
    inner join specimens_taken
        on
            high_dose_courses.patient_key = specimens_taken.patient_key
            and specimens_taken.collected_date
            between high_dose_courses.start_date and high_dose_courses.end_date
    where specimens_taken.test = 'creatinine_clearance'
    group by high_dose_courses.course_key
),

final as (
    select
        'renal_monitoring' as indicator,
        high_dose_courses.patient_key,
        high_dose_courses.course_key,
        cast(null as integer) as prescription_key,
        high_dose_courses.start_date,
        high_dose_courses.end_date as due_date,
        clearances.collected_date as found_date,
        cast(null as varchar) as stated,
        cast(null as varchar) as detail
    from high_dose_courses
    left join clearances on high_dose_courses.course_key = clearances.course_key
)

select * from final
