-- Reported results of the resistance tests, attached to a course or not.
-- grain: one row a term
-- units: results
-- source: criteria 6: nothing is lost
select
    'reported' as term,
    count(*) as n
from results
where is_resistance_test
union all
select
    'attached' as term,
    count(*) as n
from specimens
where course_key is not null
union all
select
    'unattached' as term,
    count(*) as n
from specimens
where course_key is null
