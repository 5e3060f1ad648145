-- A confirmed course whose lesions were open lately, and neither healed nor left, is on the line list.
-- grain: no rows: a row is a fault of ours
-- units: dates in days
-- source: criteria 9: line list
with

days_seen as (
    select
        courses.course_key,
        visits.visit_date,
        bool_and(visits.is_healed) as is_healed
    from courses
    inner join flag_days on courses.course_key = flag_days.course_key
    inner join visits
        on
            courses.patient_key = visits.patient_key
            and flag_days.flag_date < visits.visit_date
            and (
                visits.syndrome is null
                or courses.syndrome = 'unknown'
                or visits.syndrome = courses.syndrome
            )
    where courses.classification = 'confirmed' and courses.departure_date is null
    group by courses.course_key, visits.visit_date
),

unhealed as (
    select course_key
    from days_seen
    group by course_key
    having
        not bool_or(is_healed)
        and max(visit_date) + $closing_days > $as_of
)

select unhealed.course_key
from unhealed
left join open_cases on unhealed.course_key = open_cases.course_key
where open_cases.course_key is null
