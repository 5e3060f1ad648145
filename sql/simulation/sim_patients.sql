-- The extract `patients`: birth year and weight of those who are registered.
-- grain: one row a patient.
-- units: weight in kg.
-- source: extracts.md; seeds/simulation_parameters.csv.
select
    patient_id,
    cast(birth_year as smallint) as birth_year,
    cast(weight_kg as decimal(4, 1)) as weight_kg,
from sim_people
where is_registered
