-- Nothing dated after the as-of date is used.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: criteria, introduction
select start_date as found_date
from prescriptions
where start_date > $as_of
union all
select visit_date as found_date
from visits
where visit_date > $as_of
union all
select collected_date as found_date
from results
where collected_date > $as_of or resulted_date > $as_of
union all
select event_date as found_date
from events
where event_date > $as_of
