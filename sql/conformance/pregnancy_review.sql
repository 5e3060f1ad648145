-- Courses during a recorded pregnancy, by drug and route.
-- grain: one row a kept course during a pregnancy
-- units: dates in days
-- source: criteria 8: pregnancy_review; without a recorded end a pregnancy lasts a fixed time (ours)
with

pregnancies as (
    select
        starts.patient_key,
        starts.event_date as start_date,
        coalesce(min(ends.event_date), starts.event_date + $pregnancy_days)
            as end_date
    from events as starts
    left join events as ends
        on
            starts.patient_key = ends.patient_key
            and ends.event = 'pregnancy_end'
            and ends.event_date
            between starts.event_date and starts.event_date + $pregnancy_days
    where starts.event = 'pregnancy_start'
    group by starts.patient_key, starts.event_date
),

final as (
    select
        'pregnancy_review' as indicator,
        kept_courses.patient_key,
        kept_courses.course_key,
        cast(null as integer) as prescription_key,
        kept_courses.start_date,
        cast(null as date) as due_date,
        cast(null as date) as found_date,
        'information' as stated,
        concat(
            kept_courses.drugs,
            ' ',
            min(treatment_prescriptions.route),
            case
                when
                    min(treatment_prescriptions.route)
                    <> max(treatment_prescriptions.route)
                    then concat(' and ', max(treatment_prescriptions.route))
                else ''
            end
        ) as detail
    from pregnancies
    inner join kept_courses
        on
            pregnancies.patient_key = kept_courses.patient_key
            and pregnancies.start_date <= kept_courses.end_date
            and kept_courses.start_date <= pregnancies.end_date
    inner join treatment_prescriptions
        on
            kept_courses.patient_key = treatment_prescriptions.patient_key
            and kept_courses.dosing = treatment_prescriptions.dosing
            and treatment_prescriptions.start_date
            between kept_courses.start_date and kept_courses.end_date
    group by
        kept_courses.patient_key,
        kept_courses.course_key,
        kept_courses.start_date,
        kept_courses.drugs
)

select * from final
