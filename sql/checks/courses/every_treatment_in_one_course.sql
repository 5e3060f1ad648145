-- Prescriptions in courses are the treatment prescriptions, no more and no fewer.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: criteria 2.6
with

in_courses as (
    select sum(n_prescriptions) as n
    from built_courses
),

treatments as (
    select count(*) as n
    from systemic_prescriptions
    where intent = 'treatment'
)

select
    in_courses.n as n_in_courses,
    treatments.n as n_treatments
from in_courses
cross join treatments
where coalesce(in_courses.n, 0) <> treatments.n
