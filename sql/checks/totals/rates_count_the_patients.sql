-- The rates of all patients are those that the courses give, counted the plain way.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: criteria 6: unit
with

plain as (
    select
        windows.window_kind,
        case when courses.syndrome = 'zoster' then 'zoster' else 'hsv' end
            as syndrome,
        count(distinct courses.patient_key) filter (where courses.in_rate) as n,
        count(distinct courses.patient_key) filter (
            where
            courses.in_rate and courses.classification in ('suspected', 'confirmed')
        ) as k,
        count(*) filter (where courses.in_rate) as n_courses
    from courses
    inner join windows
        on courses.start_date between windows.window_start and windows.window_end
    where courses.is_mature and windows.window_kind <> 'month'
    group by all
),

counted as (
    select
        window_kind,
        syndrome,
        max(n) filter (where unit = 'patient') as n,
        max(k) filter (where unit = 'patient') as k,
        max(n) filter (where unit = 'course') as n_courses
    from rate_counts
    where population = 'all' and definition = 'case' and rule = 'headline'
    group by window_kind, syndrome
)

select
    plain.window_kind,
    plain.syndrome
from plain
left join counted
    on
        plain.window_kind = counted.window_kind
        and plain.syndrome = counted.syndrome
where
    plain.n <> coalesce(counted.n, 0)
    or plain.k <> coalesce(counted.k, 0)
    or plain.n_courses <> coalesce(counted.n_courses, 0)
