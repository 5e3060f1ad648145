-- Suspected and confirmed courses that are not closed, with what is still to do.
-- grain: one row an open suspected or confirmed course
-- units: dates and lengths in days
-- source: criteria 9: line list
with

open_courses as (
    select
        courses.*,
        followed_courses.flag_date,
        followed_courses.last_visit_date,
        done_so_far.n_hsv_positive,
        done_so_far.n_hsv_negative,
        done_so_far.is_shedding,
        done_so_far.has_prior_confirmed,
        done_so_far.later_confirmed_date,
        done_so_far.last_status,
        classes.set_aside_reason,
        courses.classification = 'suspected'
        and courses.syndrome <> 'zoster'
        and done_so_far.later_confirmed_date is null as is_hsv_test_due
    from courses
    inner join followed_courses
        on courses.course_key = followed_courses.course_key
    inner join done_so_far on courses.course_key = done_so_far.course_key
    inner join classes on courses.course_key = classes.course_key
    where
        courses.classification in ('suspected', 'confirmed')
        and classes.rule = 'headline'
        and not followed_courses.is_closed
),

final as (
    select
        open_courses.course_key,
        open_courses.patient_id,
        open_courses.site_id,
        open_courses.start_date,
        open_courses.end_date,
        open_courses.drugs,
        open_courses.dosing,
        open_courses.syndrome,
        open_courses.classification,
        open_courses.reason,
        open_courses.flag_date,
        open_courses.deciding_day,
        open_courses.deciding_status,
        open_courses.risk_group,
        open_courses.is_immunocompetent,
        open_courses.is_repeated,
        open_courses.is_shedding,
        open_courses.in_rate,
        open_courses.set_aside_reason,
        open_courses.dosing = 'unknown' as is_dosing_unknown,
        open_courses.adherence is null as is_adherence_unknown,
        not open_courses.is_immunocompromised
        and not open_courses.is_immunocompetent as is_immune_status_unknown,
        open_courses.is_hsv_test_due and open_courses.n_hsv_positive = 0
            as is_hsv_unproven,
        open_courses.is_hsv_test_due
        and open_courses.n_hsv_positive = 0
        and open_courses.n_hsv_negative > 1 as has_two_negative_tests,
        open_courses.conflicting_labs as has_conflicting_labs,
        open_courses.has_prior_confirmed,
        open_courses.later_confirmed_date,
        open_courses.last_visit_date,
        open_courses.last_status,
        next_steps.needs_culture,
        next_steps.needs_id_consult,
        next_steps.needs_stop,
        next_steps.needs_trifluridine,
        next_steps.needs_foscarnet,
        next_steps.needs_cidofovir,
        next_steps.awaits_result,
        next_steps.may_need_foscarnet,
        next_steps.needs_review,
        next_steps.needs_last_look,
        next_steps.stays_off_class,
        date_diff('day', open_courses.flag_date, $as_of) as days_open
    from open_courses
    inner join next_steps on open_courses.course_key = next_steps.course_key
)

select * from final
