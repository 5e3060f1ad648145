-- What is prescribed of the regimens: treatment, refills, alternatives, prophylaxis.
-- grain: one row a prescription, companions not among them.
-- units: dates; days where they are not the regimen's own.
-- source: seeds/simulation_regimens.csv, invented.
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
        patient_id,
        site_id,
        weight_kg,
        last_day,
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
        patient_id,
        site_id,
        weight_kg,
        last_day,
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
        patient_id,
        site_id,
        weight_kg,
        last_day,
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
        patient_id,
        site_id,
        weight_kg,
        last_day,
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
        cast(
            unnest(
                range(
                    (
                        least(prophylaxis_days, last_day - prophylaxis_from + 1)
                        + days - 1
                    ) // days
                )
            ) as integer
        ) as supply,
    from sim_people
    inner join sim_regimen_slots
        on
            sim_regimen_slots.use = 'prophylaxis'
            and sim_regimen_slots.immune_status = sim_people.immune_status
            and slot
            = slot_of(patient_entropy, 'prophylaxis drug', $choice_slots)
    where has_prophylaxis
)

select * from items
union all
select
    patient_number * $rows_per_patient + $rows_per_patient // 2 + supply,
    part(patient_entropy, supply),
    patient_id,
    site_id,
    weight_kg,
    last_day,
    prophylaxis_from + supply * days,
    null,
    case when not is_prophylaxis_unnamed then 'prophylaxis' end,
    null,
    null,
    regimen_number,
from supplies
