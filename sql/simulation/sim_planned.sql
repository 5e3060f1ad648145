-- The begun courses with what is prescribed: first and second item, alternatives.
-- grain: one row a course, follow-on courses not among them.
-- units: dates; *_day in days from the start of the course.
-- source: seeds/simulation_regimens.csv and simulation_parameters.csv, invented.
with regimens as (
    select
        sim_episodes.*,
        first_items.regimen_number as first_regimen,
        first_items.days as first_days,
        cause not in ('none', 'slow_healer') as fails,
    from sim_episodes
    inner join sim_regimen_slots as first_items
        on
            first_items.use = case when is_underdosed then 'low' else 'standard' end
            and first_items.syndrome = sim_episodes.syndrome
            and first_items.renal_band = sim_episodes.renal_band
            and first_items.immune_status = sim_episodes.regimen_status
            and first_items.slot
            = slot_of(course_entropy, 'first item', $choice_slots)
),

alternatives as (
    select
        *,
        fails
        and uniform(course_entropy, 'alternative')
        < case
            when cause = 'resistant' then $resistant_alternative_share
            else $other_alternative_share
        end as has_alternative,
        uniform(course_entropy, 'second alternative')
        < $second_alternative_share as is_alternative_failing,
        case
            when
                uniform(course_entropy, 'early alternative') < $early_alternative_share
                then
                    whole(
                        course_entropy, 'alternative day',
                        $early_alternative_day_from, $early_alternative_day_to
                    )
            else
                whole(
                    course_entropy, 'alternative day',
                    $alternative_day_from, $alternative_day_to
                )
        end as planned_alternative_day,
    from regimens
),

days as (
    select
        *,
        case when has_alternative then planned_alternative_day end as alternative_day,
        case
            when has_alternative and is_alternative_failing
                then
                    planned_alternative_day
                    + whole(
                        course_entropy, 'second alternative day',
                        $second_alternative_after_from, $second_alternative_after_to
                    )
        end as second_alternative_day,
        case
            when
                not has_alternative
                and uniform(course_entropy, 'refill')
                < case when fails then $failing_refill_share else $refill_share end
                then
                    first_days
                    + whole(
                        course_entropy, 'refill gap', $refill_gap_from, $refill_gap_to
                    )
        end as refill_day,
    from alternatives
),

lengths as (
    select
        *,
        case
            when refill_day is null then first_days - 1 else
                refill_day + $refill_days - 1
        end as end_day,
    from days
)

select
    lengths.* exclude (is_alternative_failing, planned_alternative_day),
    follow_ons.value as follow_on,
    case follow_ons.value
        when 'late_refill'
            then
                end_day + 1
                + whole(
                    course_entropy, 'late refill',
                    $late_refill_gap_from, $late_refill_gap_to
                )
        when 'class_switch'
            then
                end_day + 1
                + whole(
                    course_entropy, 'class switch',
                    $class_switch_gap_from, $class_switch_gap_to
                )
        when 'dose_raised'
            then
                whole(
                    course_entropy, 'dose raised',
                    $dose_raised_day_from, $dose_raised_day_to
                )
    end as follow_on_day,
from lengths
inner join sim_choices as follow_ons
    on
        follow_ons.subject = case when has_alternative then 'alternative' else cause end
        and follow_ons.choice = 'follow_on'
        and follow_ons.slot
        = slot_of(course_entropy, 'follow on', $choice_slots)
