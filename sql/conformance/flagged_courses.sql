-- Suspected, refuted and confirmed courses: those whose management the documents speak of.
-- grain: one row a suspected, refuted or confirmed course
-- units: dates in days
-- source: criteria 8; a healed visit counts up to the next course
with

healed as (
    select
        course_key,
        min(visit_date) as healed_date
    from lesion_days
    where is_healed_after_flag and is_up_to_next_course
    group by course_key
),

final as (
    select
        courses.course_key,
        courses.patient_key,
        courses.start_date,
        courses.end_date,
        flag_days.flag_date,
        healed.healed_date,
        courses.classification in ('suspected', 'confirmed') as is_case,
        courses.classification = 'confirmed' as is_confirmed,
        courses.classification = 'suspected' and courses.is_immunocompetent
            as is_unlikely_resistance,
        coalesce(courses.outcome = 'failed', false) as is_failed,
        courses.is_hiv,
        courses.is_immunocompromised or courses.is_immunocompetent
            as is_immune_status_known
    from courses
    inner join flag_days on courses.course_key = flag_days.course_key
    left join healed on courses.course_key = healed.course_key
    where courses.classification in ('suspected', 'refuted', 'confirmed')
)

select * from final
