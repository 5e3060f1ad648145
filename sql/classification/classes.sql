-- The class of a course under each rule: the first row of the rule book that applies.
-- grain: one row a kept course and rule
-- units: dates in days
-- source: criteria 4
with

facts as (
    select
        rules.rule,
        kept_courses.course_key,
        kept_courses.start_date,
        kept_courses.dosing,
        kept_courses.length_days,
        kept_courses.is_concurrent,
        kept_courses.switch_date,
        kept_courses.departure_date,
        outcomes.outcome,
        outcomes.deciding_day,
        outcomes.deciding_date,
        outcomes.deciding_status,
        outcomes.failure_kind,
        coalesce(
            kept_courses.adherent_days < $min_adherence * kept_courses.known_days,
            false
        ) as is_poorly_adherent,
        coalesce(outcomes.outcome = 'failed', false) as is_failed,
        coalesce(course_laboratory.has_resistant, false) as has_resistant,
        coalesce(course_laboratory.has_susceptible, false) as has_susceptible,
        coalesce(course_laboratory.has_refuting, false) as has_refuting,
        alternative_diagnoses.course_key is not null as has_alternative_diagnosis,
        outcomes.deciding_date > kept_courses.end_date + $off_therapy_days
            as is_after_therapy,
        least(
            kept_courses.start_date + $followup_days,
            kept_courses.end_date + $after_course_days,
            kept_courses.followup_ends
        ) as last_usable_date
    from kept_courses
    cross join rules
    left join outcomes
        on
            kept_courses.course_key = outcomes.course_key
            and rules.rule = outcomes.rule
    left join course_laboratory
        on kept_courses.course_key = course_laboratory.course_key
    left join alternative_diagnoses
        on
            kept_courses.course_key = alternative_diagnoses.course_key
            and rules.rule = alternative_diagnoses.rule
),

reasoned as (
    select
        *,
        case
            when dosing = 'inadequate' then 'inadequate_dosing'
            when is_poorly_adherent then 'poor_adherence'
            when dosing = 'unknown' then 'dosing_unknown'
            when is_concurrent then 'concurrent_alternative'
        end as set_aside_reason
    from facts
),

classified as (
    select
        *,
        case
            when has_resistant then 'laboratory'
            when set_aside_reason is not null then set_aside_reason
            when outcome = 'responded' then null
            when is_failed and is_after_therapy then 'after_therapy'
            when is_failed and length_days < $min_therapy_days
                then 'therapy_too_short'
            when is_failed and has_refuting then 'susceptible_isolate'
            when is_failed and has_alternative_diagnosis
                then 'alternative_diagnosis'
            when is_failed then failure_kind
            when switch_date <= start_date + $switched_early_days
                then 'switched_early'
            when departure_date <= start_date + $switched_early_days
                then 'died_or_left'
            when $as_of < last_usable_date then null
            else 'no_followup'
        end as reason
    from reasoned
),

named as (
    select
        classified.rule,
        classified.course_key,
        classified.outcome,
        classified.deciding_day,
        classified.deciding_date,
        classified.deciding_status,
        classified.failure_kind,
        classified.reason,
        case
            when classified.reason is not null then seed_reasons.classification
            when classified.outcome is not null then 'responded'
            else 'pending'
        end as classification,
        classified.set_aside_reason,
        classified.has_resistant and classified.has_susceptible
            as has_conflicting_results,
        classified.has_resistant or classified.has_susceptible as is_tested
    from classified
    left join seed_reasons on classified.reason = seed_reasons.reason
),

final as (
    select
        rule,
        course_key,
        outcome,
        deciding_day,
        deciding_date,
        deciding_status,
        failure_kind,
        reason,
        classification,
        set_aside_reason,
        has_conflicting_results,
        is_tested,
        classification in ('suspected', 'refuted', 'responded')
        or (classification = 'confirmed' and set_aside_reason is null) as is_in_rate
    from named
)

select * from final
