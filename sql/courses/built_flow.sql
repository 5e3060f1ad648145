-- Courses built, and those of them that were absorbed.
-- grain: one row a term
-- units: courses
-- source: criteria 6: nothing is lost
select
    'built' as term,
    count(*) as n
from built_courses
union all
select
    'absorbed' as term,
    count(*) as n
from built_courses
where is_absorbed
