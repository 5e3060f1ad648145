-- A patient is in one place of each window, population and definition.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: criteria 6: unit
select
    window_kind,
    population,
    patient_key
from patient_picks
group by
    window_kind,
    window_start,
    population,
    definition,
    rule,
    syndrome_group,
    patient_key
having count(*) > 1
