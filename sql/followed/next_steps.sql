-- What is still to do about each suspected or confirmed course.
-- grain: one row a suspected or confirmed course
-- units: none
-- source: criteria 9: next step; proven resistance is that of the patient, and an immunocompetent suspected course without it is tested first
with

facts as (
    select
        done_so_far.*,
        flagged_courses.is_confirmed
        or done_so_far.later_confirmed_date is not null as is_proven,
        flagged_courses.is_unlikely_resistance
        and not done_so_far.has_prior_confirmed
        and done_so_far.later_confirmed_date is null as is_unlikely,
        courses.syndrome = 'zoster' as is_zoster
    from done_so_far
    inner join courses on done_so_far.course_key = courses.course_key
    inner join flagged_courses
        on done_so_far.course_key = flagged_courses.course_key
),

treatable as (
    select
        *,
        is_lesion_open and not is_unlikely as is_to_be_treated,
        is_accessible and not is_zoster and topical_date is null
            as is_topical_first
    from facts
),

foscarnet_due as (
    select
        *,
        is_to_be_treated
        and foscarnet_date is null
        and not has_failed_foscarnet
        and (
            has_failed_topical
            or (not is_topical_first and topical_date is null)
        ) as is_foscarnet_due
    from treatable
),

final as (
    select
        course_key,
        not is_proven and not is_result_awaited as needs_culture,
        not has_id_consult as needs_id_consult,
        is_still_in_class and not is_unlikely as needs_stop,
        is_to_be_treated
        and is_topical_first
        and foscarnet_date is null
        and not has_failed_foscarnet as needs_trifluridine,
        is_foscarnet_due and is_proven as needs_foscarnet,
        is_to_be_treated
        and has_failed_foscarnet
        and not has_cidofovir as needs_cidofovir,
        not is_proven and is_result_awaited as awaits_result,
        is_foscarnet_due and not is_proven as may_need_foscarnet,
        is_to_be_treated
        and is_not_improving
        and (
            (has_failed_foscarnet and has_cidofovir)
            or (is_foscarnet_over and not has_failed_foscarnet)
        ) as needs_review,
        not is_lesion_open as needs_last_look,
        is_proven and not is_still_in_class as stays_off_class
    from foscarnet_due
)

select * from final
