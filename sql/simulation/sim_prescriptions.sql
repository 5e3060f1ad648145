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

items as (
    select
        first_number as prescription_number,
        course_entropy as row_entropy,
        patient_number,
        start_date,
        cast(null as integer) as days,
        intent,
        indication,
        adherence,
        first_regimen as regimen_number,
    from slots
    union all
    select
        first_number + 1,
        part(course_entropy, 1),
        patient_number,
        start_date + refill_day,
        $refill_days,
        intent,
        indication,
        adherence,
        case
            when uniform(course_entropy, 'drug changed') < $drug_changed_share
                then sim_regimen_slots.regimen_number
            else first_regimen
        end,
    from slots
    inner join sim_regimen_slots
        on
            sim_regimen_slots.use
            = case when is_underdosed then 'low' else 'standard' end
            and sim_regimen_slots.syndrome = slots.syndrome
            and sim_regimen_slots.renal_band = slots.renal_band
            and sim_regimen_slots.immune_status = slots.regimen_status
            and slot = slot_of(course_entropy, 'second item', $choice_slots)
    where refill_day is not null
    union all
    select
        first_number + 2,
        part(course_entropy, 2),
        patient_number,
        start_date + alternative_day,
        null,
        intent,
        indication,
        null,
        regimen_number,
    from slots
    inner join sim_regimen_slots
        on
            sim_regimen_slots.use = 'alternative'
            and slot
            = slot_of(course_entropy, 'which alternative', $choice_slots)
    where alternative_day is not null
    union all
    select
        first_number + 3,
        part(course_entropy, 3),
        patient_number,
        start_date + second_alternative_day,
        null,
        intent,
        indication,
        null,
        regimen_number,
    from slots
    inner join sim_regimen_slots
        on
            sim_regimen_slots.use = 'second_alternative'
            and slot
            = slot_of(course_entropy, 'which second', $choice_slots)
    where second_alternative_day is not null
),

supplies as (
    select
        sim_people.*,
        regimen_number,
        days,
        cast(unnest(range((prophylaxis_days + days - 1) // days)) as integer) as supply,
    from sim_people
    inner join sim_regimen_slots
        on
            sim_regimen_slots.use = 'prophylaxis'
            and sim_regimen_slots.immune_status = sim_people.immune_status
            and slot
            = slot_of(patient_entropy, 'prophylaxis drug', $choice_slots)
    where has_prophylaxis
),

every_item as (
    select * from items
    union all
    select
        patient_number * $rows_per_patient + $rows_per_patient // 2 + supply,
        part(patient_entropy, supply),
        patient_number,
        prophylaxis_from + supply * days,
        null,
        case when is_prophylaxis_intent_given then 'prophylaxis' end,
        null,
        null,
        regimen_number,
    from supplies
),

dosed as (
    select
        every_item.* exclude (days),
        coalesce(every_item.days, sim_regimens.days) as days,
        drug,
        route,
        dose_unit,
        doses_per_day,
        case
            when is_by_weight
                then round(dose * sim_people.weight_kg / $vial_mg) * $vial_mg
            else dose
        end as dose,
        patient_id,
        site_id,
        last_day,
    from every_item
    inner join sim_regimens on every_item.regimen_number = sim_regimens.regimen_number
    inner join sim_people on every_item.patient_number = sim_people.patient_number
),

beside as (
    select
        first_number + $rows_per_course // 2 + companion_slot as prescription_number,
        part(course_entropy, $rows_per_course + companion_slot) as row_entropy,
        patient_number,
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
