-- Why a patient counts otherwise than in the previous run under the same rules.
-- grain: one row a patient, population and definition that counts otherwise
-- units: change of the denominator and of the numerator in patients
-- source: report, question 3; ours: the first reason that applies
with

final as (
    select
        different_picks.patient_id,
        different_picks.population,
        different_picks.definition,
        different_picks.change_n,
        different_picks.change_k,
        case
            when
                (different_picks.change_n < 0 or different_picks.change_k < 0)
                and different_picks.previous_start_date < $window_start
                then 'left_window'
            when different_picks.start_date > $previous_as_of then 'new'
            when
                different_picks.was_known
                and (
                    different_picks.was_immature
                    or different_picks.mature_date > $previous_as_of
                )
                then 'matured'
            when changed_patients.has_gone then 'retracted'
            when changed_patients.has_changed then 'corrected'
            when changed_patients.has_new then 'new'
            when $is_redefined then 'redefined'
            else 'matured'
        end as change
    from different_picks
    left join changed_patients
        on different_picks.patient_id = changed_patients.patient_id
)

select * from final
