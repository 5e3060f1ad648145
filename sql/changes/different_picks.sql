-- Patients who count otherwise than in the previous run under the same rules.
-- grain: one row a patient, population and definition that counts otherwise
-- units: change of the denominator and of the numerator in patients
-- source: report, question 3
with

paired as (
    select
        coalesce(unredefined_picks.patient_id, previous_picks.patient_id)
            as patient_id,
        coalesce(unredefined_picks.population, previous_picks.population)
            as population,
        coalesce(unredefined_picks.definition, previous_picks.definition)
            as definition,
        cast(coalesce(unredefined_picks.is_in_rate, false) as integer)
        - cast(coalesce(previous_picks.is_in_rate, false) as integer) as change_n,
        cast(coalesce(unredefined_picks.is_numerator, false) as integer)
        - cast(coalesce(previous_picks.is_numerator, false) as integer) as change_k,
        unredefined_picks.start_date,
        previous_picks.start_date as previous_start_date,
        previous_picks.patient_id is not null as was_known,
        coalesce(previous_picks.is_immature, false) as was_immature
    from unredefined_picks
    full join previous_picks
        on
            unredefined_picks.patient_id = previous_picks.patient_id
            and unredefined_picks.population = previous_picks.population
            and unredefined_picks.definition = previous_picks.definition
),

final as (
    select
        *,
        start_date + case
            when definition = 'confirmed' then $lab_maturity_days
            else $maturity_days
        end as mature_date
    from paired
    where change_n <> 0 or change_k <> 0
)

select * from final
