-- Every kept course with its outcome, class and flags under both rules.
-- grain: one row a kept course
-- units: dates in days; adherence a share
-- source: criteria 2 to 6
with

headline as (
    select *
    from classes
    where rule = 'headline'
),

strict as (
    select
        course_key,
        classification,
        reason,
        outcome,
        deciding_day,
        is_in_rate
    from classes
    where rule = 'strict'
),

final as (
    select
        kept_courses.course_key,
        kept_courses.patient_key,
        patients.patient_id,
        kept_courses.start_date,
        kept_courses.end_date,
        kept_courses.length_days,
        kept_courses.drugs,
        kept_courses.dosing,
        kept_courses.dosing_rank,
        cast(kept_courses.adherent_days as double)
        / nullif(kept_courses.known_days, 0) as adherence,
        kept_courses.syndrome,
        kept_courses.site_id,
        headline.outcome,
        headline.deciding_day,
        headline.deciding_date,
        headline.deciding_status,
        headline.failure_kind,
        headline.classification,
        headline.reason,
        strict.classification as strict_classification,
        strict.reason as strict_reason,
        strict.outcome as strict_outcome,
        strict.deciding_day as strict_deciding_day,
        headline.is_in_rate as in_rate,
        strict.is_in_rate as strict_in_rate,
        kept_courses.start_date + $maturity_days <= $as_of as is_mature,
        kept_courses.start_date + $lab_maturity_days <= $as_of as is_lab_mature,
        watch.watch,
        headline.has_conflicting_results as conflicting_labs,
        patient_flags.is_hiv,
        patient_flags.is_aids,
        patient_flags.is_hsct_allogeneic,
        patient_flags.is_solid_organ_transplant,
        patient_flags.is_immunocompromised,
        patient_flags.is_immunocompetent,
        patient_flags.is_prolonged,
        repeated_therapy.is_repeated,
        patient_flags.risk_group,
        kept_courses.n_prescriptions,
        headline.is_tested,
        kept_courses.departure_date
    from kept_courses
    inner join patients on kept_courses.patient_key = patients.patient_key
    inner join patient_flags
        on
            kept_courses.patient_key = patient_flags.patient_key
            and kept_courses.start_date = patient_flags.index_date
    inner join repeated_therapy
        on kept_courses.course_key = repeated_therapy.course_key
    inner join headline on kept_courses.course_key = headline.course_key
    inner join strict on kept_courses.course_key = strict.course_key
    left join watch on kept_courses.course_key = watch.course_key
)

select * from final
order by course_key
