-- The creatinine clearance that a prescription is judged by: the lowest of the latest day before it.
-- grain: one row a treatment prescription with a clearance
-- units: mL/min
-- source: criteria 2.5
with

clearances as (
    select
        patient_key,
        collected_date,
        min(value) as creatinine_clearance
    from results
    where test = 'creatinine_clearance' and value is not null
    group by patient_key, collected_date
),

final as (
    select
        systemic_prescriptions.prescription_key,
        clearances.creatinine_clearance
    from systemic_prescriptions
    inner join clearances
        on
            systemic_prescriptions.patient_key = clearances.patient_key
            and clearances.collected_date
            between systemic_prescriptions.start_date - $renal_lookback_days
            and systemic_prescriptions.start_date
    where systemic_prescriptions.intent = 'treatment'
    qualify
        row_number() over (
            partition by systemic_prescriptions.prescription_key
            order by clearances.collected_date desc
        ) = 1
)

select * from final
