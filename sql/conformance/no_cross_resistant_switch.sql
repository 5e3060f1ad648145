-- Was nothing else of the class begun after the flag day, as long as lesions were open?
-- grain: one row a suspected or confirmed course
-- units: dates in days
-- source: criteria 8: no_cross_resistant_switch; a switch is missed on its day: it cannot be undone
with

switches as (
    select
        flagged_courses.course_key,
        min(systemic_prescriptions.start_date) as switch_date
    from flagged_courses
    inner join systemic_prescriptions
        on
            flagged_courses.patient_key = systemic_prescriptions.patient_key
            and flagged_courses.flag_date < systemic_prescriptions.start_date
            and systemic_prescriptions.start_date <= least(
                flagged_courses.flag_date + $switch_window_days,
                flagged_courses.healed_date
            )
    where
        flagged_courses.is_case
        and systemic_prescriptions.intent = 'treatment'
    group by flagged_courses.course_key
),

due as (
    select
        flagged_courses.*,
        switches.switch_date,
        flagged_courses.flag_date + $switch_window_days as due_date
    from flagged_courses
    left join switches on flagged_courses.course_key = switches.course_key
    where flagged_courses.is_case
),

final as (
    select
        'no_cross_resistant_switch' as indicator,
        patient_key,
        course_key,
        cast(null as integer) as prescription_key,
        start_date,
        due_date,
        coalesce(switch_date, healed_date) as found_date,
        case
            when is_unlikely_resistance then 'information'
            when switch_date is not null then 'missed'
            when healed_date <= due_date or $as_of >= due_date then 'met'
            else 'open'
        end as stated,
        case
            when is_unlikely_resistance and switch_date is not null
                then 'switched_within_class'
        end as detail
    from due
)

select * from final
