-- Accepted prescriptions with their class and their days; an end from days_supply where none is given.
-- grain: one row a prescription
-- units: dose as delivered, dates in days
-- source: criteria 1 and 2.1
with

final as (
    select
        patients.patient_key,
        accepted_prescriptions.file_id,
        accepted_prescriptions.line,
        cast(
            $keys_before
            + row_number() over (
                order by patients.patient_key, accepted_prescriptions.prescription_id
            ) as integer
        ) as prescription_key,
        accepted_prescriptions.drug,
        seed_drugs.drug_class,
        accepted_prescriptions.route,
        seed_routes.is_systemic = 'true' as is_systemic,
        accepted_prescriptions.dose,
        accepted_prescriptions.dose_unit,
        accepted_prescriptions.doses_per_day,
        accepted_prescriptions.start_date,
        coalesce(
            accepted_prescriptions.end_date,
            accepted_prescriptions.start_date
            + (accepted_prescriptions.days_supply - 1)
        ) as end_date,
        accepted_prescriptions.intent,
        accepted_prescriptions.indication,
        accepted_prescriptions.adherence,
        accepted_prescriptions.site_id
    from accepted_prescriptions
    inner join patients
        on accepted_prescriptions.patient_id = patients.patient_id
    inner join seed_drugs on accepted_prescriptions.drug = seed_drugs.drug
    inner join seed_routes on accepted_prescriptions.route = seed_routes.route
)

select * from final
