-- What was delivered of this part's patients, as far as the report counts it.
-- grain: one row in all
-- units: visits, events and results; dates in days
-- source: report, question 6; criteria 6: nothing is lost
with

unlinked as (
    select count(*) as n
    from visits
    left join (select distinct patient_key from prescriptions) as prescribed
        on visits.patient_key = prescribed.patient_key
    where prescribed.patient_key is null
)

select
    (select min(start_date) from prescriptions) as first_start_date,
    (select n from unlinked) as n_unlinked_followups,
    (select count(*) from events where event = 'death') as n_deaths,
    (select count(*) from results where is_resistance_test)
        as n_resistance_results
