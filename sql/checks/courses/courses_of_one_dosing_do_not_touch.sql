-- Kept courses of one patient and dosing lie more than the gap apart.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: criteria 2.6
select
    earlier.patient_key,
    earlier.course_key
from kept_courses as earlier
inner join kept_courses as later
    on
        earlier.patient_key = later.patient_key
        and earlier.dosing = later.dosing
        and earlier.start_date < later.start_date
        and later.start_date <= earlier.end_date + (1 + $course_gap_days)
