-- Prescriptions of IVIG, and whether lesions were open just before.
-- grain: one row a prescription of IVIG
-- units: dates in days
-- source: criteria 8: no_ivig_for_active_infection, antiviral_not_delayed_for_ivig
with

open_lesions as (
    select distinct prescriptions.prescription_key
    from prescriptions
    inner join visits
        on
            prescriptions.patient_key = visits.patient_key
            and visits.visit_date
            between prescriptions.start_date - $ivig_lesion_days
            and prescriptions.start_date
    where prescriptions.drug = 'ivig' and not visits.is_healed
),

final as (
    select
        prescriptions.patient_key,
        prescriptions.prescription_key,
        prescriptions.start_date,
        prescriptions.end_date,
        open_lesions.prescription_key is not null as has_open_lesion
    from prescriptions
    left join open_lesions
        on prescriptions.prescription_key = open_lesions.prescription_key
    where prescriptions.drug = 'ivig'
)

select * from final
