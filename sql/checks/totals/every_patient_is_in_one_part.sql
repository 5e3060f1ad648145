-- A patient and a course are walked once, in whatever parts the patients are walked.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: criteria 6: nothing is lost
select
    'patients' as walked,
    count(*) - count(distinct patient_key) as n_key,
    count(*) - count(distinct patient_id) as n_id
from patients
having count(*) <> count(distinct patient_key) or count(*) <> count(distinct patient_id)
