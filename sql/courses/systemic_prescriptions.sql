-- Systemic tk_dependent prescriptions, each with its intent, given or derived.
-- grain: one row a systemic tk_dependent prescription
-- units: dates in days
-- source: criteria 2.2
with

final as (
    select
        prescriptions.patient_key,
        prescriptions.prescription_key,
        prescriptions.start_date,
        prescriptions.end_date,
        coalesce(prescriptions.intent, intents.intent) as intent
    from prescriptions
    left join intents
        on prescriptions.prescription_key = intents.prescription_key
    where prescriptions.drug_class = 'tk_dependent' and prescriptions.is_systemic
)

select * from final
