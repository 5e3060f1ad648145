-- Suspected and confirmed courses each have the indicators that are asked of all of them.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: criteria 8
with

cases as (
    select count(*) as n
    from courses
    where classification in ('suspected', 'confirmed')
),

asked as (
    select
        indicator,
        count(*) as n
    from indicators
    where
        indicator in (
            'culture_and_susceptibility', 'id_consult', 'failing_drug_stopped'
        )
    group by indicator
)

select
    asked.indicator,
    asked.n as n_asked,
    cases.n as n_cases
from asked
cross join cases
where asked.n <> cases.n
