-- Patients who count otherwise than in the previous run under the same rules, and why.
-- grain: one row a patient, population and definition that counts otherwise
-- units: change of the denominator and of the numerator in patients
-- source: report, question 3; ours: the first reason that applies
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

different as (
    select
        *,
        start_date + case
            when definition = 'confirmed' then $lab_maturity_days
            else $maturity_days
        end as mature_date
    from paired
    where change_n <> 0 or change_k <> 0
),

final as (
    select
        different.patient_id,
        different.population,
        different.definition,
        different.change_n,
        different.change_k,
        case
            when
                (different.change_n < 0 or different.change_k < 0)
                and different.previous_start_date < $window_start
                then 'left_window'
            when different.start_date > $previous_as_of then 'new'
            when
                different.was_known
                and (
                    different.was_immature
                    or different.mature_date > $previous_as_of
                )
                then 'matured'
            when changed_patients.has_gone then 'retracted'
            when changed_patients.has_changed then 'corrected'
            when changed_patients.has_new then 'new'
            when $is_redefined then 'redefined'
            else 'matured'
        end as change
    from different
    inner join patient_hashes on different.patient_id = patient_hashes.patient_id
    left join changed_patients
        on patient_hashes.patient_hash = changed_patients.patient_hash
)

select * from final
