-- Courses in no rate that need a second look and are not closed, in the order of the report.
-- grain: one row an open watched course
-- units: dates in days
-- source: criteria 4 and 9: watch list
select
    patient_id,
    site_id,
    start_date,
    end_date,
    drugs,
    watch,
    last_visit_date,
    last_status,
    risk_group,
    classification,
    row_number() over (order by watch, last_visit_date, course_key) as place
from watched_courses
