-- The optional extracts that indicators rest on, and whether any row of each was accepted.
-- grain: one row an extract
-- units: none
-- source: extracts: a run says what it could not assess
select
    'labs' as extract,
    count(*) > 0 as is_held
from accepted_labs
union all
select
    'clinical_events' as extract,
    count(*) > 0 as is_held
from accepted_clinical_events
