-- The treatment courses that are begun for lesions, with what is true of each.
-- grain: one row a course, follow-on courses not among them.
-- units: dates; shares from 0 to 1.
-- source: seeds/simulation_populations.csv, the scenario; invented.
with slots as (
    select
        *,
        cast(unnest(range(n_courses)) as integer) as course_slot,
    from sim_people
),

begun as (
    select
        *,
        patient_number * $courses_per_patient + course_slot as course_key,
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
                    + whole($seed, course_key, 'cluster day', 0, $cluster_days - 1)
            else
                $data_start + (
                    whole($seed, patient_number, 'phase', 0, $span_days - 1)
                    + room_days * course_slot
                    + whole(
                        $seed, course_key, 'start',
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
        uniform($seed, course_key, 'fails') as fails_draw,
        uniform($seed, course_key, 'underdosed') < $underdosed
        and not is_cluster as is_underdosed,
        uniform($seed, course_key, 'nonadherent') < $nonadherent
        and not is_cluster as is_nonadherent,
        uniform($seed, course_key, 'other diagnosis') < $other_diagnosis
        and not is_cluster as has_other_diagnosis,
        uniform($seed, course_key, 'lost') < $lost and not is_cluster as is_lost,
    from dated
    inner join sim_choices as syndromes
        on
            syndromes.subject = case when is_cluster then 'cluster' else 'any' end
            and syndromes.choice = 'syndrome'
            and syndromes.slot
            = slot_of($seed, course_key, 'syndrome', $choice_slots)
    inner join sim_populations on dated.population = sim_populations.population
    where start_date >= immune_from and start_date <= last_day
)

select
    course_key,
    patient_number,
    course_slot,
    start_date,
    syndrome,
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
        when uniform($seed, course_key, 'slow') < slow_healer_share then 'slow_healer'
        else 'none'
    end as cause,
from described
