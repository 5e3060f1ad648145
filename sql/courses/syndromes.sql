-- The syndrome of a treatment prescription: its indication, else what the visits of the earliest day around it name.
-- grain: one row a treatment prescription
-- units: dates in days
-- source: criteria 2.3; ours
with

treatments as (
    select
        systemic_prescriptions.patient_key,
        systemic_prescriptions.prescription_key,
        systemic_prescriptions.start_date,
        prescriptions.indication
    from systemic_prescriptions
    inner join prescriptions
        on systemic_prescriptions.prescription_key = prescriptions.prescription_key
    where systemic_prescriptions.intent = 'treatment'
),

named_on_earliest_day as (
    select
        treatments.prescription_key,
        visits.syndrome
    from treatments
    inner join visits
        on
            treatments.patient_key = visits.patient_key
            and visits.visit_date
            between treatments.start_date - $syndrome_before_days
            and treatments.start_date + $syndrome_after_days
    where treatments.indication is null and visits.syndrome is not null
    qualify
        rank() over (
            partition by treatments.prescription_key
            order by visits.visit_date
        ) = 1
),

named as (
    select
        prescription_key,
        case when min(syndrome) = max(syndrome) then min(syndrome) end as syndrome
    from named_on_earliest_day
    group by prescription_key
),

final as (
    select
        treatments.prescription_key,
        coalesce(treatments.indication, named.syndrome, 'unknown') as syndrome
    from treatments
    left join named on treatments.prescription_key = named.prescription_key
)

select * from final
