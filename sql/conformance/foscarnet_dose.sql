-- Is foscarnet dosed as the documents say, within a tolerance, or as other guidance does?
-- grain: one row a prescription of systemic foscarnet
-- units: dose in mg/kg; creatinine clearance in mL/min
-- source: criteria 8: foscarnet_dose; foscarnet_regimens seed
with

doses as (
    select
        prescriptions.patient_key,
        prescriptions.prescription_key,
        prescriptions.start_date,
        prescriptions.doses_per_day,
        prescriptions.dose * cast(seed_dose_units.factor as integer) as amount,
        case
            when seed_dose_units.is_per_kg = 'true' then cast(1 as decimal(9, 4))
            else patients.weight_kg
        end as per_weight_kg
    from prescriptions
    inner join patients on prescriptions.patient_key = patients.patient_key
    left join seed_dose_units
        on
            prescriptions.route = seed_dose_units.route
            and prescriptions.dose_unit = seed_dose_units.dose_unit
    where prescriptions.drug = 'foscarnet' and prescriptions.is_systemic
),

regimens_given as (
    select
        cast(dose_mg_per_kg as decimal(6, 2)) as dose_mg_per_kg,
        cast(doses_per_day as integer) as doses_per_day,
        is_of_documents = 'true' as is_of_documents
    from seed_foscarnet_regimens
),

lowest as (
    select min(dose_mg_per_kg * doses_per_day) as daily_mg_per_kg
    from regimens_given
    where is_of_documents
),

matches as (
    select
        doses.prescription_key,
        bool_or(regimens_given.is_of_documents) as is_as_asked
    from doses
    inner join regimens_given
        on
            doses.doses_per_day = regimens_given.doses_per_day
            and doses.amount between
            regimens_given.dose_mg_per_kg
            * (1 - $foscarnet_tolerance)
            * doses.per_weight_kg
            and regimens_given.dose_mg_per_kg
            * (1 + $foscarnet_tolerance)
            * doses.per_weight_kg
    group by doses.prescription_key
),

renally_impaired as (
    select distinct doses.prescription_key
    from doses
    inner join results
        on
            doses.patient_key = results.patient_key
            and results.collected_date
            between doses.start_date - $foscarnet_renal_days and doses.start_date
    where
        results.test = 'creatinine_clearance'
        and results.value < $foscarnet_renal_below
),

facts as (
    select
        doses.patient_key,
        doses.prescription_key,
        doses.start_date,
        matches.is_as_asked,
        doses.amount is null or doses.doses_per_day is null as is_without_dose,
        doses.per_weight_kg is null as is_without_weight,
        renally_impaired.prescription_key is not null
        and doses.amount * doses.doses_per_day
        < lowest.daily_mg_per_kg
        * (1 - $foscarnet_tolerance)
        * doses.per_weight_kg as is_reduced
    from doses
    cross join lowest
    left join matches on doses.prescription_key = matches.prescription_key
    left join renally_impaired
        on doses.prescription_key = renally_impaired.prescription_key
),

final as (
    select
        'foscarnet_dose' as indicator,
        patient_key,
        cast(null as integer) as course_key,
        prescription_key,
        start_date,
        cast(null as date) as due_date,
        start_date as found_date,
        case
            when is_without_dose or is_without_weight then 'cannot_judge'
            when is_as_asked then 'met'
            when is_as_asked is not null or is_reduced then 'other_guidance'
            else 'missed'
        end as stated,
        case
            when is_without_dose then 'without_dose'
            when is_without_weight then 'without_weight'
            when is_as_asked is null and is_reduced then 'reduced_for_kidneys'
        end as detail
    from facts
)

select * from final
