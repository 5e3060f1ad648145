-- Reported results of the resistance tests, attached to a course or not.
-- grain: one row a term
-- units: results
-- source: criteria 6: nothing is lost
select
    'reported' as term,
    cast(sum(n_resistance_results) as bigint) as n
from delivery_counts
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
