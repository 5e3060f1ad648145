-- Systemic tk_dependent prescriptions each have one intent; none is lost on the way to courses.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: criteria 2.2
with

counted as (
    select
        (
            select count(*)
            from prescriptions
            where drug_class = 'tk_dependent' and is_systemic
        ) as n_delivered,
        (select count(intent) from systemic_prescriptions) as n_with_intent,
        (select count(distinct prescription_key) from systemic_prescriptions)
            as n_distinct
)

select *
from counted
where n_delivered <> n_with_intent or n_delivered <> n_distinct
