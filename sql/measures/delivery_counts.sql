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
),

deaths as (
    select count(*) as n
    from events
    where event = 'death'
),

resistance_results as (
    select count(*) as n
    from results
    where is_resistance_test
),

first_days as (
    select min(start_date) as start_date
    from prescriptions
),

final as (
    select
        first_days.start_date as first_start_date,
        unlinked.n as n_unlinked_followups,
        deaths.n as n_deaths,
        resistance_results.n as n_resistance_results
    from first_days
    cross join unlinked
    cross join deaths
    cross join resistance_results
)

select * from final
