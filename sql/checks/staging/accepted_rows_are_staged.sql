-- Accepted rows of every extract reach the staging tables.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: criteria 6: nothing is lost
with

counted as (
    select
        'prescriptions' as extract,
        (select count(*) from accepted_prescriptions) as n_accepted,
        (select count(*) from prescriptions) as n_staged
    union all
    select
        'followups' as extract,
        (select count(*) from accepted_followups) as n_accepted,
        (select count(*) from visits) as n_staged
    union all
    select
        'immune_status' as extract,
        (select count(*) from accepted_immune_status) as n_accepted,
        (select count(*) from immune_periods) as n_staged
    union all
    select
        'labs' as extract,
        (
            select count(*)
            from accepted_labs
            where resulted_date <= $as_of
        ) as n_accepted,
        (select count(*) from results) as n_staged
    union all
    select
        'clinical_events' as extract,
        (select count(*) from accepted_clinical_events) as n_accepted,
        (select count(*) from events) as n_staged
)

select *
from counted
where n_accepted <> n_staged
