-- The begun courses with what comes after the first item: refills, alternatives.
-- grain: one row a course, follow-on courses not among them.
-- units: dates; *_day in days from the start of the course.
-- source: seeds/simulation_choices.csv and simulation_parameters.csv, invented.
with episodes as (
    select
        *,
        cause not in ('none', 'slow_healer') as fails,
    from sim_episodes
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
    from episodes
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
