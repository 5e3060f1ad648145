-- What has been done about each suspected or confirmed course, and how its lesions are.
-- grain: one row a suspected or confirmed course
-- units: dates in days
-- source: criteria 8 and 9
with

listed as (
    select
        course_key,
        patient_key,
        start_date,
        end_date,
        syndrome,
        classification
    from courses
    where classification in ('suspected', 'confirmed')
),

asked_for as (
    select
        course_key,
        max(found_date) filter (where indicator = 'culture_and_susceptibility')
            as susceptibility_date,
        max(found_date) filter (where indicator = 'id_consult') as consult_date
    from indicators
    where indicator in ('culture_and_susceptibility', 'id_consult')
    group by course_key
),

awaited as (
    select distinct listed.course_key
    from listed
    inner join specimens_taken
        on
            listed.patient_key = specimens_taken.patient_key
            and listed.start_date <= specimens_taken.collected_date
    where
        specimens_taken.can_show_acyclovir_resistance
        and not specimens_taken.is_reported
),

hsv_tests as (
    select
        listed.course_key,
        count(*) filter (where results.result = 'positive') as n_positive,
        count(*) filter (where results.result = 'negative') as n_negative,
        bool_or(
            results.result = 'positive'
            and results.collected_date
            between listed.start_date + $shedding_from_day and listed.end_date
        ) as is_shedding
    from listed
    inner join results
        on
            listed.patient_key = results.patient_key
            and results.collected_date
            between listed.start_date - $specimen_before_days
            and listed.end_date + $specimen_after_days
    where results.test in ('hsv_culture', 'hsv_pcr')
    group by listed.course_key
),

later_confirmed as (
    select
        listed.course_key,
        min(later_courses.start_date) as later_confirmed_date
    from listed
    inner join courses as later_courses
        on
            listed.patient_key = later_courses.patient_key
            and listed.start_date <= later_courses.start_date
            and listed.course_key <> later_courses.course_key
            and (
                listed.syndrome = 'unknown'
                or later_courses.syndrome = 'unknown'
                or listed.syndrome = later_courses.syndrome
            )
    where
        listed.classification = 'suspected'
        and later_courses.classification = 'confirmed'
    group by listed.course_key
),

still_in_class as (
    select distinct listed.course_key
    from listed
    inner join systemic_prescriptions
        on
            listed.patient_key = systemic_prescriptions.patient_key
            and $as_of between systemic_prescriptions.start_date
            and systemic_prescriptions.end_date
    left join later_confirmed on listed.course_key = later_confirmed.course_key
    where
        systemic_prescriptions.intent = 'treatment'
        or listed.classification = 'confirmed'
        or later_confirmed.course_key is not null
),

accessible as (
    select
        listed.course_key,
        bool_or(visits.is_accessible) as is_accessible
    from listed
    inner join visits
        on
            listed.patient_key = visits.patient_key
            and listed.start_date <= visits.visit_date
    group by listed.course_key
),

foscarnet_resistant as (
    select distinct listed.course_key
    from listed
    inner join results
        on
            listed.patient_key = results.patient_key
            and listed.start_date <= results.collected_date
    where results.test = 'foscarnet_susceptibility' and results.result = 'resistant'
),

earlier_confirmed as (
    select distinct listed.course_key
    from listed
    inner join courses as earlier_courses
        on
            listed.patient_key = earlier_courses.patient_key
            and earlier_courses.start_date < listed.start_date
    where earlier_courses.classification = 'confirmed'
),

final as (
    select
        listed.course_key,
        asked_for.susceptibility_date,
        awaited.course_key is not null as is_result_awaited,
        coalesce(hsv_tests.n_positive, 0) as n_hsv_positive,
        coalesce(hsv_tests.n_negative, 0) as n_hsv_negative,
        coalesce(hsv_tests.is_shedding, false) as is_shedding,
        asked_for.consult_date is not null as has_id_consult,
        given_instead.alternative_date,
        given_instead.topical_date,
        given_instead.foscarnet_date,
        coalesce(
            followed_courses.last_visit_date > given_instead.foscarnet_end_date, false
        ) as is_foscarnet_over,
        coalesce(given_instead.has_cidofovir, false) as has_cidofovir,
        still_in_class.course_key is not null as is_still_in_class,
        coalesce(accessible.is_accessible, false) as is_accessible,
        earlier_confirmed.course_key is not null as has_prior_confirmed,
        later_confirmed.later_confirmed_date,
        last_statuses.lesion_status as last_status,
        coalesce(last_statuses.lesion_status <> 'healed', true) as is_lesion_open,
        coalesce(last_statuses.is_responding = 'false', false) as is_not_improving,
        coalesce(
            last_statuses.is_responding = 'false'
            and followed_courses.last_visit_date
            >= given_instead.topical_date + $topical_failed_from_day,
            false
        ) as has_failed_topical,
        coalesce(
            last_statuses.is_responding = 'false'
            and followed_courses.last_visit_date
            between given_instead.foscarnet_date + $foscarnet_failed_from_day
            and given_instead.foscarnet_end_date + $after_course_days,
            false
        )
        or foscarnet_resistant.course_key is not null as has_failed_foscarnet
    from listed
    inner join followed_courses on listed.course_key = followed_courses.course_key
    left join seed_lesion_statuses as last_statuses
        on
            followed_courses.last_status_rank
            = cast(last_statuses.status_rank as integer)
    inner join asked_for on listed.course_key = asked_for.course_key
    left join awaited on listed.course_key = awaited.course_key
    left join hsv_tests on listed.course_key = hsv_tests.course_key
    left join given_instead on listed.course_key = given_instead.course_key
    left join still_in_class on listed.course_key = still_in_class.course_key
    left join accessible on listed.course_key = accessible.course_key
    left join foscarnet_resistant
        on listed.course_key = foscarnet_resistant.course_key
    left join earlier_confirmed
        on listed.course_key = earlier_confirmed.course_key
    left join later_confirmed
        on listed.course_key = later_confirmed.course_key
)

select * from final
