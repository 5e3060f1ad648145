-- Breakthroughs whose last lesion is recent enough to act on.
-- grain: one row an open breakthrough
-- units: dates in days
-- source: criteria 9: breakthrough
select
    patient_id,
    site_id,
    drug,
    prescription_start,
    prescription_end,
    first_visit_date,
    last_visit_date,
    n_visits,
    risk_group,
    row_number() over (order by last_visit_date, prescription_key) as place
from breakthroughs
where last_visit_date + $closing_days > $as_of
