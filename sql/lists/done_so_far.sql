-- What has been done about each suspected or confirmed course since it began.
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
        syndrome
    from courses
    where classification in ('suspected', 'confirmed')
),

tests_taken as (
    select
        listed.course_key,
        min(specimens_taken.collected_date) as susceptibility_date
    from listed
    inner join specimens_taken
        on
            listed.patient_key = specimens_taken.patient_key
            and listed.start_date <= specimens_taken.collected_date
    where specimens_taken.can_show_acyclovir_resistance
    group by listed.course_key
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

consults as (
    select distinct listed.course_key
    from listed
    inner join events
        on
            listed.patient_key = events.patient_key
            and listed.start_date <= events.event_date
    where events.event = 'id_consult'
),

alternatives as (
    select
        listed.course_key,
        min(prescriptions.start_date) as alternative_date,
        min(prescriptions.start_date) filter (
            where prescriptions.drug = 'foscarnet'
        ) as foscarnet_date,
        bool_or(prescriptions.drug = 'cidofovir') as has_cidofovir
    from listed
    inner join prescriptions
        on
            listed.patient_key = prescriptions.patient_key
            and listed.start_date <= prescriptions.start_date
    where prescriptions.drug_class = 'alternative'
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
    where systemic_prescriptions.intent = 'treatment'
),

lesions as (
    select
        listed.course_key,
        bool_or(visits.is_accessible) as is_accessible,
        bool_or(
            not visits.is_healed
            and visits.status_rank > improving.status_rank
            and visits.visit_date
            >= alternatives.foscarnet_date + $foscarnet_failed_from_day
        ) as has_failed_foscarnet
    from listed
    inner join visits
        on
            listed.patient_key = visits.patient_key
            and listed.start_date <= visits.visit_date
    cross join (
        select cast(status_rank as integer) as status_rank
        from seed_lesion_statuses
        where lesion_status = 'improving'
    ) as improving
    left join alternatives on listed.course_key = alternatives.course_key
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

final as (
    select
        listed.course_key,
        tests_taken.susceptibility_date,
        coalesce(hsv_tests.n_positive, 0) as n_hsv_positive,
        coalesce(hsv_tests.n_negative, 0) as n_hsv_negative,
        coalesce(hsv_tests.is_shedding, false) as is_shedding,
        consults.course_key is not null as has_id_consult,
        alternatives.alternative_date,
        alternatives.foscarnet_date is not null as has_foscarnet,
        coalesce(alternatives.has_cidofovir, false) as has_cidofovir,
        still_in_class.course_key is not null as is_still_in_class,
        coalesce(lesions.is_accessible, false) as is_accessible,
        coalesce(lesions.has_failed_foscarnet, false)
        or foscarnet_resistant.course_key is not null as has_failed_foscarnet
    from listed
    left join tests_taken on listed.course_key = tests_taken.course_key
    left join hsv_tests on listed.course_key = hsv_tests.course_key
    left join consults on listed.course_key = consults.course_key
    left join alternatives on listed.course_key = alternatives.course_key
    left join still_in_class on listed.course_key = still_in_class.course_key
    left join lesions on listed.course_key = lesions.course_key
    left join foscarnet_resistant
        on listed.course_key = foscarnet_resistant.course_key
)

select * from final
