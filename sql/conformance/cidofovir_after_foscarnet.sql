-- Where lesions did not improve under foscarnet, did cidofovir follow?
-- grain: one row a treatment with systemic foscarnet that failed
-- units: dates in days
-- source: criteria 8: cidofovir_after_foscarnet
with

first_judging_days as (
    select
        alternative_treatments.patient_key,
        alternative_treatments.prescription_key,
        alternative_treatments.start_date,
        treatment_days.visit_date,
        treatment_days.is_responding
    from alternative_treatments
    inner join treatment_days
        on
            alternative_treatments.prescription_key = treatment_days.prescription_key
            and alternative_treatments.start_date + $foscarnet_failed_from_day
            <= treatment_days.visit_date
    where
        alternative_treatments.drug = 'foscarnet'
        and alternative_treatments.is_systemic
    qualify
        row_number() over (
            partition by alternative_treatments.prescription_key
            order by treatment_days.visit_date
        ) = 1
),

followed as (
    select
        first_judging_days.prescription_key,
        min(prescriptions.start_date) as cidofovir_date
    from first_judging_days
    inner join prescriptions
        on
            first_judging_days.patient_key = prescriptions.patient_key
            and first_judging_days.visit_date <= prescriptions.start_date
    where prescriptions.drug = 'cidofovir'
    group by first_judging_days.prescription_key
),

final as (
    select
        'cidofovir_after_foscarnet' as indicator,
        first_judging_days.patient_key,
        cast(null as integer) as course_key,
        first_judging_days.prescription_key,
        first_judging_days.start_date,
        first_judging_days.visit_date + $cidofovir_due_days as due_date,
        followed.cidofovir_date as found_date,
        cast(null as varchar) as stated,
        cast(null as varchar) as detail
    from first_judging_days
    left join followed
        on first_judging_days.prescription_key = followed.prescription_key
    where not first_judging_days.is_responding
)

select * from final
