-- The extract `immune_status`: what is documented of each patient's immune state.
-- grain: one row a patient and condition.
-- units: dates.
-- source: extracts.md; seeds/simulation_choices.csv.
select
    patient_id,
    condition,
    immune_from as from_date,
    immune_to as to_date,
from sim_people
where
    is_documented
    and condition <> 'by_result'
    and immune_from <= $as_of
