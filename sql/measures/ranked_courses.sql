-- Courses in the order in which a patient is represented by them: class, start, dosing.
-- grain: one row a course and rule
-- units: none
-- source: criteria 6: unit
with

final as (
    select
        classes.rule,
        classes.course_key,
        courses.patient_key,
        courses.start_date,
        case when courses.syndrome = 'zoster' then 'zoster' else 'hsv' end
            as syndrome_group,
        courses.is_mature,
        courses.is_lab_mature,
        classes.classification,
        classes.is_in_rate,
        seed_classes.is_case = 'true' as is_case,
        classes.outcome is not distinct from 'failed' as is_failed,
        classes.is_tested,
        courses.adherence is not null as is_adherence_known,
        classes.classification = 'responded'
        and (
            courses.length_days < $min_therapy_days
            or classes.deciding_day < $min_therapy_days
        ) as is_short_response,
        classes.classification = 'confirmed' and not classes.is_in_rate
            as is_confirmed_outside,
        row_number() over (
            partition by classes.rule
            order by
                cast(seed_classes.pick_rank as integer),
                courses.start_date,
                courses.dosing_rank,
                classes.course_key
        ) as pick_order
    from classes
    inner join courses on classes.course_key = courses.course_key
    inner join seed_classes
        on
            classes.classification = seed_classes.classification
            and classes.is_in_rate = (seed_classes.in_rate = 'true')
)

select * from final
