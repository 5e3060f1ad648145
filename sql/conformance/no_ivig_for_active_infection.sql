-- Where IVIG was begun with open lesions, did a drug against herpes cover that day?
-- grain: one row a prescription of IVIG with open lesions
-- units: dates in days
-- source: criteria 8: no_ivig_for_active_infection
with

covered as (
    select distinct ivig_starts.prescription_key
    from ivig_starts
    inner join prescriptions
        on
            ivig_starts.patient_key = prescriptions.patient_key
            and ivig_starts.start_date
            between prescriptions.start_date and prescriptions.end_date
    where
        ivig_starts.has_open_lesion
        and prescriptions.drug_class in (
            'tk_dependent', 'alternative', 'other_active'
        )
),

final as (
    select
        'no_ivig_for_active_infection' as indicator,
        ivig_starts.patient_key,
        cast(null as integer) as course_key,
        ivig_starts.prescription_key,
        ivig_starts.start_date,
        cast(null as date) as due_date,
        ivig_starts.start_date as found_date,
        case
            when covered.prescription_key is not null then 'met'
            else 'missed'
        end as stated,
        cast(null as varchar) as detail
    from ivig_starts
    left join covered on ivig_starts.prescription_key = covered.prescription_key
    where ivig_starts.has_open_lesion
)

select * from final
