-- Where a course has IVIG around it, did the antiviral come first?
-- grain: one row a kept course with IVIG before or during it
-- units: dates in days
-- source: criteria 8: antiviral_not_delayed_for_ivig
with

beside as (
    select
        kept_courses.course_key,
        kept_courses.patient_key,
        kept_courses.start_date,
        min(ivig_starts.start_date) filter (
            where
            ivig_starts.has_open_lesion
            and ivig_starts.start_date
            between kept_courses.start_date - $ivig_before_days
            and kept_courses.start_date - 1
        ) as ivig_date
    from ivig_starts
    inner join kept_courses
        on
            ivig_starts.patient_key = kept_courses.patient_key
            and ivig_starts.start_date <= kept_courses.end_date
            and kept_courses.start_date - $ivig_before_days <= ivig_starts.end_date
    group by
        kept_courses.course_key,
        kept_courses.patient_key,
        kept_courses.start_date
),

final as (
    select
        'antiviral_not_delayed_for_ivig' as indicator,
        patient_key,
        course_key,
        cast(null as integer) as prescription_key,
        start_date,
        cast(null as date) as due_date,
        ivig_date as found_date,
        case when ivig_date is null then 'met' else 'missed' end as stated,
        cast(null as varchar) as detail
    from beside
)

select * from final
