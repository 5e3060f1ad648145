-- What the report notes of this part's courses beside their rates: unknown facts, closed lists.
-- grain: one row in all
-- units: courses; patients where the name says so
-- source: report, questions 1 and 6; criteria 9
with

noted as (
    select
        courses.patient_key,
        courses.syndrome,
        courses.risk_group,
        courses.adherence,
        courses.classification,
        courses.outcome,
        courses.watch,
        patients.birth_year,
        coalesce(followed_courses.is_closed, false) as is_closed
    from courses
    inner join patients on courses.patient_key = patients.patient_key
    left join followed_courses on courses.course_key = followed_courses.course_key
),

final as (
    select
        count(*) as n_courses,
        count(distinct patient_key) as n_patients,
        count(distinct patient_key) filter (where birth_year is null)
            as n_without_birth_year,
        count(*) filter (where syndrome = 'unknown') as n_unknown_syndrome,
        count(*) filter (where risk_group = 'unknown') as n_unknown_immune_status,
        count(*) filter (where classification = 'suspected' and adherence is null)
            as n_cases_unknown_adherence,
        count(*) filter (
            where is_closed and classification in ('suspected', 'confirmed')
        ) as n_line_list_closed,
        count(*) filter (
            where
            is_closed
            and outcome = 'failed'
            and classification in ('excluded', 'refuted', 'not_evaluable')
        ) as n_explained_closed,
        count(*) filter (where is_closed and watch is not null) as n_watch_closed
    from noted
)

select * from final
