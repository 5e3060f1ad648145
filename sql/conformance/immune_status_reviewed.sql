-- Was immune status known, or looked into, where therapy failed?
-- grain: one row a failed course
-- units: dates in days
-- source: criteria 8: immune_status_reviewed; failed: suspected, refuted, or confirmed with a failure
with

seen as (
    select
        flagged_courses.course_key,
        min(events.event_date) filter (where events.event = 'immune_review')
            as review_date,
        bool_or(
            events.event = 'weight_loss'
            and events.event_date
            <= flagged_courses.flag_date + $immune_review_due_days
        ) as has_weight_loss,
        bool_or(
            events.event = 'lymphadenopathy'
            and events.event_date
            <= flagged_courses.flag_date + $immune_review_due_days
        ) as has_lymphadenopathy
    from flagged_courses
    inner join events
        on
            flagged_courses.patient_key = events.patient_key
            and flagged_courses.start_date <= events.event_date
    where flagged_courses.is_failed
    group by flagged_courses.course_key
),

final as (
    select
        'immune_status_reviewed' as indicator,
        flagged_courses.patient_key,
        flagged_courses.course_key,
        cast(null as integer) as prescription_key,
        flagged_courses.start_date,
        flagged_courses.flag_date + $immune_review_due_days as due_date,
        case
            when flagged_courses.is_immune_status_known then flagged_courses.start_date
            else seen.review_date
        end as found_date,
        cast(null as varchar) as stated,
        case
            when seen.has_weight_loss and seen.has_lymphadenopathy
                then 'weight_loss_and_lymphadenopathy'
            when seen.has_weight_loss then 'weight_loss'
            when seen.has_lymphadenopathy then 'lymphadenopathy'
        end as detail
    from flagged_courses
    left join seen on flagged_courses.course_key = seen.course_key
    where flagged_courses.is_failed
)

select * from final
