-- Systemic tk_dependent prescriptions, each with its intent, given or derived.
-- grain: one row a systemic tk_dependent prescription
-- units: dates in days
-- source: criteria 2.2
with

final as (
    select
        prescriptions.patient_key,
        prescriptions.prescription_key,
        prescriptions.drug,
        prescriptions.route,
        prescriptions.dose,
        prescriptions.dose_unit,
        prescriptions.doses_per_day,
        prescriptions.start_date,
        prescriptions.end_date,
        coalesce(prescriptions.intent, intents.intent) as intent,
        prescriptions.indication,
        prescriptions.adherence,
        prescriptions.site_id
    from prescriptions
    left join intents
        on prescriptions.prescription_key = intents.prescription_key
    where prescriptions.drug_class = 'tk_dependent' and prescriptions.is_systemic
)

select * from final
