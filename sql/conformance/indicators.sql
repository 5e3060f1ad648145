-- What was done about it: every indicator of the documents, met, missed, open or otherwise.
-- grain: one row a indicator and course, prescription, treatment or transplant
-- units: dates in days
-- source: criteria 8; open: due after the as-of date; nothing is missed without the extract that shows it
with

gathered as (
    select * from culture_and_susceptibility
    union all
    select * from culture_before_switch
    union all
    select * from no_cross_resistant_switch
    union all
    select * from failing_drug_stopped
    union all
    select * from id_consult
    union all
    select * from alternative_therapy_started
    union all
    select * from topical_first_if_accessible
    union all
    select * from foscarnet_dose
    union all
    select * from foscarnet_duration
    union all
    select * from topical_regimen
    union all
    select * from cidofovir_after_foscarnet
    union all
    select * from hiv_test_offered
    union all
    select * from immune_status_reviewed
    union all
    select * from iv_for_severe
    union all
    select * from no_ivig_for_active_infection
    union all
    select * from ivig_indicated
    union all
    select * from antiviral_not_delayed_for_ivig
    union all
    select * from renal_monitoring
    union all
    select * from hsct_prophylaxis
    union all
    select * from pregnancy_review
),

known as (
    select
        gathered.*,
        patients.patient_id,
        cast(seed_indicators.place as integer) as place,
        courses.departure_date,
        courses.dosing,
        courses.classification,
        coalesce(courses.drugs, prescriptions.drug) as drugs,
        coalesce(courses.site_id, prescriptions.site_id) as site_id,
        not coalesce(held_extracts.is_held, true) as is_without_extract
    from gathered
    inner join patients on gathered.patient_key = patients.patient_key
    inner join seed_indicators
        on gathered.indicator = seed_indicators.indicator
    left join held_extracts on seed_indicators.rests_on = held_extracts.extract
    left join courses on gathered.course_key = courses.course_key
    left join prescriptions
        on gathered.prescription_key = prescriptions.prescription_key
),

judged as (
    select
        *,
        case
            when stated <> 'missed' then stated
            when stated is null and found_date <= due_date then 'met'
            when is_without_extract then 'cannot_judge'
            when stated = 'missed' or $as_of >= due_date then 'missed'
            else 'open'
        end as state
    from known
),

final as (
    select
        indicator,
        place,
        patient_key,
        patient_id,
        course_key,
        prescription_key,
        start_date,
        drugs,
        dosing,
        site_id,
        classification,
        due_date,
        found_date,
        state,
        case
            when state = 'cannot_judge' and is_without_extract then 'without_extract'
            when detail is not null then detail
            when state = 'missed' and stated is null and found_date <= $as_of
                then 'done_late'
            when state in ('missed', 'open') and departure_date <= due_date
                then 'died_or_left'
        end as detail
    from judged
)

select * from final
order by
    patient_key,
    start_date,
    course_key nulls last,
    prescription_key nulls last,
    place
