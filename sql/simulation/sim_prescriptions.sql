-- The extract `prescriptions`: treatment, alternatives, prophylaxis, companions.
-- grain: one row a prescription.
-- units: dose in dose_unit; adherence from 0 to 1.
-- source: extracts.md; seeds/simulation_regimens.csv and simulation_companions.csv.
with slots as (
    select
        *,
        patient_number * $rows_per_patient
        + course_slot * $rows_per_course as first_number,
    from sim_courses
),

dosed as (
    select
        sim_items.* exclude (days, weight_kg),
        coalesce(sim_items.days, sim_regimens.days) as days,
        drug,
        route,
        dose_unit,
        doses_per_day,
        case
            when is_by_weight
                then round(dose * weight_kg / $vial_mg) * $vial_mg
            else dose
        end as dose,
    from sim_items
    inner join sim_regimens on sim_items.regimen_number = sim_regimens.regimen_number
),

beside as (
    select
        first_number + $rows_per_course // 2 + companion_slot as prescription_number,
        part(course_entropy, $rows_per_course + companion_slot) as row_entropy,
        start_date
        + whole(
            part(course_entropy, $rows_per_course + companion_slot), 'companion day',
            sim_companions.day_from, sim_companions.day_to
        ) as start_date,
        sim_companions.intent,
        null as indication,
        null as adherence,
        null as regimen_number,
        days,
        drug,
        route,
        dose_unit,
        doses_per_day,
        dose,
        patient_id,
        site_id,
        last_day,
    from slots
    inner join sim_companions
        on
            sim_companions.immune_status in ('any', slots.immune_status)
            and uniform(
                part(course_entropy, $rows_per_course + companion_slot), 'companion'
            ) < share
),

every_row as (
    select * from dosed
    union all by name
    select * from beside
),

drawn as (
    select
        *,
        uniform(row_entropy, 'end or supply') as end_draw,
        uniform(row_entropy, 'missing') as missing_draw,
    from every_row
    where start_date between $data_start and last_day
)

select
    'R' || format('{:010d}', prescription_number) as prescription_id,
    patient_id,
    drug,
    route,
    case
        when missing_draw >= $dose_missing_share then cast(dose as decimal(7, 1))
    end as dose,
    dose_unit,
    case
        when missing_draw < 1 - $frequency_missing_share
            then cast(doses_per_day as smallint)
    end as doses_per_day,
    start_date,
    case when end_draw >= $supply_only_share then start_date + days - 1 end as end_date,
    case
        when end_draw < 1 - $end_only_share then cast(days as smallint)
    end as days_supply,
    intent,
    indication,
    cast(adherence as decimal(3, 2)) as adherence,
    site_id,
from drawn
