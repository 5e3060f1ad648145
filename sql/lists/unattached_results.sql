-- Resistant results that belong to no course.
-- grain: one row a result
-- units: dates in days
-- source: criteria 4: specimens
select
    patients.patient_id,
    specimens.test,
    specimens.result,
    specimens.collected_date,
    specimens.resulted_date,
    row_number() over (
        order by specimens.collected_date, patients.patient_id, specimens.result_key
    ) as place
from specimens
inner join patients on specimens.patient_key = patients.patient_key
where specimens.course_key is null and specimens.reading = 'resistant'
