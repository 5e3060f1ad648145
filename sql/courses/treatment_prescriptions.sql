-- Treatment prescriptions with syndrome, daily dose and whether the dose is adequate.
-- grain: one row a treatment prescription
-- units: daily amount in mg or mg/kg; weight in kg
-- source: criteria 2.3 to 2.5; regimens seed
with

described as (
    select
        prescriptions.patient_key,
        prescriptions.prescription_key,
        prescriptions.drug,
        prescriptions.route,
        prescriptions.start_date,
        prescriptions.end_date,
        prescriptions.adherence,
        prescriptions.site_id,
        syndromes.syndrome,
        patient_flags.is_immunocompromised,
        patient_flags.is_immunocompetent,
        renal_function.creatinine_clearance,
        prescriptions.dose
        * prescriptions.doses_per_day
        * cast(seed_dose_units.factor as integer) as daily_amount,
        case
            when prescriptions.route = 'oral' then cast(1 as decimal(9, 4))
            when seed_dose_units.is_per_kg = 'true' then cast(1 as decimal(9, 4))
            else patients.weight_kg
        end as per_weight_kg,
        coalesce(
            prescriptions.route = 'oral'
            and extract(year from prescriptions.start_date) - patients.birth_year
            < $adult_age_years,
            false
        ) as is_child_on_oral
    from syndromes
    inner join prescriptions
        on syndromes.prescription_key = prescriptions.prescription_key
    inner join patients on prescriptions.patient_key = patients.patient_key
    inner join patient_flags
        on
            prescriptions.patient_key = patient_flags.patient_key
            and prescriptions.start_date = patient_flags.index_date
    left join renal_function
        on prescriptions.prescription_key = renal_function.prescription_key
    left join seed_dose_units
        on
            prescriptions.route = seed_dose_units.route
            and prescriptions.dose_unit = seed_dose_units.dose_unit
),

combinations as (
    select
        described.*,
        possible_syndromes.syndrome as possible_syndrome,
        possible_immune_statuses.immune_status as possible_immune_status
    from described
    inner join (select distinct syndrome from regimens) as possible_syndromes
        on
            described.syndrome = possible_syndromes.syndrome
            or described.syndrome = 'unknown'
    inner join (select distinct immune_status from regimens)
        as possible_immune_statuses
        on
            not (described.is_immunocompromised or described.is_immunocompetent)
            or (
                described.is_immunocompromised
                and possible_immune_statuses.immune_status = 'immunocompromised'
            )
            or (
                described.is_immunocompetent
                and possible_immune_statuses.immune_status = 'immunocompetent'
            )
),

compared as (
    select
        combinations.prescription_key,
        combinations.possible_syndrome,
        combinations.possible_immune_status,
        regimens.crcl_from,
        regimens.crcl_below,
        regimens.min_daily_dose,
        regimens.is_per_kg,
        case
            when regimens.is_per_kg
                then
                    combinations.daily_amount
                    >= regimens.min_daily_dose
                    * $dose_tolerance
                    * combinations.per_weight_kg
            else combinations.daily_amount >= regimens.min_daily_dose
        end as is_reached
    from combinations
    left join regimens
        on
            combinations.drug = regimens.drug
            and combinations.route = regimens.route
            and combinations.possible_syndrome = regimens.syndrome
            and combinations.possible_immune_status = regimens.immune_status
            and (
                (
                    combinations.creatinine_clearance is null
                    and regimens.crcl_below is null
                )
                or (
                    combinations.creatinine_clearance >= regimens.crcl_from
                    and (
                        combinations.creatinine_clearance < regimens.crcl_below
                        or regimens.crcl_below is null
                    )
                )
            )
),

judged as (
    select
        prescription_key,
        case
            when count(*) <> count(is_reached) then 'unknown'
            when bool_and(is_reached) then 'adequate'
            when bool_or(is_reached) then 'unknown'
            else 'inadequate'
        end as dosing
    from compared
    group by prescription_key
),

final as (
    select
        described.patient_key,
        described.prescription_key,
        described.drug,
        described.route,
        described.start_date,
        described.end_date,
        date_diff('day', described.start_date, described.end_date) + 1 as days,
        described.syndrome,
        described.adherence,
        described.site_id,
        described.daily_amount,
        described.per_weight_kg,
        described.creatinine_clearance,
        case
            when described.is_child_on_oral then 'unknown'
            else judged.dosing
        end as dosing
    from described
    inner join judged on described.prescription_key = judged.prescription_key
)

select * from final
