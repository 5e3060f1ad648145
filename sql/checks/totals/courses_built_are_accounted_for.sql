-- Courses built are the absorbed ones and the classes.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: criteria 6: nothing is lost
select
    sum(case when term = 'built' then n else -n end) as difference
from course_flow
having sum(case when term = 'built' then n else -n end) <> 0
