-- Failures that are excluded, refuted or not evaluable and not closed: what to put right.
-- grain: one row an open explained failure
-- units: dates in days
-- source: criteria 9: explained failures; 2.5
select
    patient_id,
    site_id,
    start_date,
    end_date,
    drugs,
    deciding_date,
    deciding_status,
    classification,
    reason,
    risk_group,
    is_within_other_guidance,
    row_number() over (order by deciding_date, course_key) as place
from open_failures
