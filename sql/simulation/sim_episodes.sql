-- The treatment courses that are begun for lesions, with what is true of each.
-- grain: one row a course, follow-on courses not among them.
-- units: dates; shares from 0 to 1.
-- source: seeds/simulation_populations.csv and simulation_regimens.csv, invented.
with slots as (
    select
        *,
        cast(unnest(range(n_courses)) as integer) as course_slot,
    from sim_people
),

begun as (
    select
        *,
        part(patient_entropy, course_slot) as course_entropy,
        $span_days // greatest(n_courses, 1) as room_days,
    from slots
),

dated as (
    select
        *,
        case
            when is_cluster
                then
                    $cluster_from
                    + whole(course_entropy, 'cluster day', 0, $cluster_days - 1)
            else
                $data_start + (
                    whole(patient_entropy, 'phase', 0, $span_days - 1)
                    + room_days * course_slot
                    + whole(
                        course_entropy, 'start',
                        0, greatest(room_days - $course_spacing_days, 1) - 1
                    )
                ) % $span_days
        end as start_date,
    from begun
),

described as (
    select
        dated.*,
        syndromes.value as syndrome,
        case
            when start_date >= $change_from then sim_populations.changed_share
            else sim_populations.resistant_share
        end
        * case when syndromes.value = 'zoster' then $zoster_resistance_factor else 1 end
            as resistance_rate,
        sim_populations.* exclude (population, immune_status, source),
        uniform(course_entropy, 'fails') as fails_draw,
        uniform(course_entropy, 'underdosed') < $underdosed
        and not is_cluster as is_underdosed,
        uniform(course_entropy, 'other diagnosis') < $other_diagnosis
        and not is_cluster as has_other_diagnosis,
        uniform(course_entropy, 'lost') < $lost and not is_cluster as is_lost,
        case
            when syndromes.value = 'zoster' then 'any' else dated.immune_status
        end as regimen_status,
    from dated
    inner join sim_choices as syndromes
        on
            syndromes.subject = case when is_cluster then 'cluster' else 'any' end
            and syndromes.choice = 'syndrome'
            and syndromes.slot
            = slot_of(course_entropy, 'syndrome', $choice_slots)
    inner join sim_populations on dated.population = sim_populations.population
    where start_date >= immune_from and start_date <= last_day
),

prescribed as (
    select
        described.*,
        sim_regimen_slots.regimen_number as first_regimen,
        sim_regimen_slots.days as first_days,
        -- what is given by staff is taken
        uniform(course_entropy, 'nonadherent') < $nonadherent
        and not is_cluster
        and sim_regimen_slots.route = 'oral' as is_nonadherent,
    from described
    inner join sim_regimen_slots
        on
            sim_regimen_slots.use
            = case when is_underdosed then 'low' else 'standard' end
            and sim_regimen_slots.syndrome = described.syndrome
            and sim_regimen_slots.renal_band = described.renal_band
            and sim_regimen_slots.immune_status = described.regimen_status
            and sim_regimen_slots.slot
            = slot_of(course_entropy, 'first item', $choice_slots)
)

select
    course_entropy,
    patient_number,
    patient_id,
    population,
    immune_status,
    site_id,
    weight_kg,
    is_cluster,
    is_accessible,
    is_prophylaxis_unnamed,
    has_polymerase_mutation,
    course_slot,
    last_day,
    start_date,
    syndrome,
    renal_band,
    regimen_status,
    first_regimen,
    first_days,
    is_cluster or resistance_draw < resistance_rate as is_resistant,
    is_underdosed,
    is_nonadherent,
    has_other_diagnosis,
    is_lost,
    case
        when is_cluster then 'resistant'
        when resistance_draw < resistance_rate and fails_draw < resistant_fails_share
            then 'resistant'
        when has_other_diagnosis and fails_draw < other_diagnosis_fails_share
            then 'other_diagnosis'
        when is_underdosed and fails_draw < underdosed_fails_share then 'underdosed'
        when is_nonadherent and fails_draw < nonadherent_fails_share then 'nonadherent'
        when uniform(course_entropy, 'slow') < slow_healer_share then 'slow_healer'
        else 'none'
    end as cause,
from prescribed
