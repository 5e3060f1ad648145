-- Met, missed, open and the further states of a indicator sum to its denominator.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: criteria 8
select indicator
from indicator_counts
where
    n_denominator
    <> n_met + n_missed + n_open + n_information + n_other_guidance + n_cannot_judge
