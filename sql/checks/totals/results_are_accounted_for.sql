-- Reported results of the resistance tests are attached or unattached, once each.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: criteria 6: nothing is lost
select
    sum(case when term = 'reported' then n else -n end) as difference
from laboratory_flow
having sum(case when term = 'reported' then n else -n end) <> 0
