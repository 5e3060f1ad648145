-- Every indicator has one state for each course, prescription, treatment or transplant.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: criteria 8
select
    indicator,
    patient_key,
    course_key,
    prescription_key,
    start_date
from indicators
group by
    indicator,
    patient_key,
    course_key,
    prescription_key,
    start_date
having count(*) > 1 or count(state) <> count(*)
