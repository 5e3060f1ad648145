-- Suspected and confirmed courses are on the line list or closed.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: criteria 9
with

counted as (
    select
        (
            select count(*)
            from courses
            where classification in ('suspected', 'confirmed')
        ) as n_cases,
        (select count(*) from line_list) as n_listed,
        (
            select count(*)
            from courses
            inner join followed_courses
                on courses.course_key = followed_courses.course_key
            where
                courses.classification in ('suspected', 'confirmed')
                and followed_courses.is_closed
        ) as n_closed
)

select *
from counted
where n_cases <> n_listed + n_closed
