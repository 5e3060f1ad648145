-- Every treatment course, follow-on courses among them, and how its lesions go.
-- grain: one row a course.
-- units: dates; *_day in days from the start of the course.
-- source: seeds/simulation_healing.csv, invented.
with begun as (
    select
        *,
        true as is_first,
    from sim_planned
),

followed as (
    select
        * replace (
            part(course_entropy, $courses_per_patient) as course_entropy,
            course_slot + $courses_per_patient // 2 as course_slot,
            start_date + follow_on_day as start_date,
            is_underdosed and follow_on <> 'dose_raised' as is_underdosed,
            case when follow_on = 'class_switch' then cause else 'none' end as cause,
            fails and follow_on = 'class_switch' as fails,
            cast(null as integer) as refill_day,
            cast(null as integer) as alternative_day,
            cast(null as integer) as second_alternative_day,
            'nothing' as follow_on,
            cast(null as integer) as follow_on_day,
            false as is_first
        ),
    from begun
    where follow_on_day is not null and start_date + follow_on_day <= last_day
),

follow_ons as (
    select
        followed.* replace (
            sim_regimen_slots.regimen_number as first_regimen,
            sim_regimen_slots.days as first_days,
            sim_regimen_slots.days - 1 as end_day
        ),
    from followed
    inner join sim_regimen_slots
        on
            sim_regimen_slots.use
            = case when is_underdosed then 'low' else 'standard' end
            and sim_regimen_slots.syndrome = followed.syndrome
            and sim_regimen_slots.renal_band = followed.renal_band
            and sim_regimen_slots.immune_status = followed.regimen_status
            and sim_regimen_slots.slot
            = slot_of(course_entropy, 'first item', $choice_slots)
),

every_course as (
    select * from begun
    union all by name
    select * from follow_ons
),

healing as (
    select
        every_course.*,
        failing_statuses.value as failing_status,
        case
            when second_alternative_day is not null then second_alternative_day
            when alternative_day is not null then alternative_day
            when follow_on = 'dose_raised' then follow_on_day
            else 0
        end
        + whole(course_entropy, 'improves', improves_from, improves_to) as improve_day,
        whole(course_entropy, 'heals', heals_after_from, heals_after_to)
            as healing_days,
    from every_course
    inner join sim_healing
        on
            sim_healing.course_of = case
                when alternative_day is not null or follow_on = 'dose_raised'
                    then 'after_change'
                else cause
            end
    inner join sim_choices as failing_statuses
        on
            failing_statuses.subject = 'any'
            and failing_statuses.choice = 'failing_status'
            and failing_statuses.slot
            = slot_of(course_entropy, 'failing status', $choice_slots)
)

select
    healing.* exclude (healing_days, is_nonadherent),
    is_nonadherent and sim_regimens.route = 'oral' as is_nonadherent,
    sim_regimens.route as first_route,
    improve_day + healing_days as heal_day,
    case
        when not fails or is_lost then false
        else is_cluster or uniform(course_entropy, 'tested') < $tested
    end as is_tested,
    uniform(course_entropy, 'early progress') < $early_progress_share
        as is_progressing_early,
    case
        when
            uniform(course_entropy, 'indication') >= $indication_missing_share
            then healing.syndrome
    end as indication,
    case
        when
            uniform(course_entropy, 'intent') >= $intent_missing_share
            or is_prophylaxis_unnamed
            then 'treatment'
    end as intent,
    case
        when
            sim_regimens.route <> 'oral'
            or uniform(course_entropy, 'adherence known') >= $adherence_known_share
            then null
        when is_nonadherent
            then
                $poor_adherence_from
                + uniform(course_entropy, 'adherence')
                * ($poor_adherence_to - $poor_adherence_from)
        else
            $good_adherence_from
            + uniform(course_entropy, 'adherence')
            * ($good_adherence_to - $good_adherence_from)
    end as adherence,
from healing
inner join sim_regimens on healing.first_regimen = sim_regimens.regimen_number
