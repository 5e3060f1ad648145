-- How long it took from flag to specimen, to result and to another drug, in the rolling window.
-- grain: one row a suspected or confirmed course and step
-- units: days; null where it has not happened
-- source: report, question 1
with

recent as (
    select
        courses.course_key,
        followed_courses.flag_date,
        done_so_far.susceptibility_date,
        done_so_far.alternative_date
    from courses
    inner join windows
        on courses.start_date between windows.window_start and windows.window_end
    inner join followed_courses
        on courses.course_key = followed_courses.course_key
    inner join done_so_far on courses.course_key = done_so_far.course_key
    where windows.window_kind = 'rolling'
),

first_results as (
    select
        course_key,
        min(date_diff('day', collected_date, resulted_date)) as result_days
    from specimens
    where course_key is not null and reading is not null
    group by course_key
),

final as (
    select
        'flag_to_specimen' as step,
        course_key,
        case
            when susceptibility_date is not null
                then greatest(date_diff('day', flag_date, susceptibility_date), 0)
        end as days
    from recent
    union all
    select
        'specimen_to_result' as step,
        recent.course_key,
        first_results.result_days as days
    from recent
    left join first_results on recent.course_key = first_results.course_key
    where recent.susceptibility_date is not null
    union all
    select
        'flag_to_alternative' as step,
        course_key,
        case
            when alternative_date is not null
                then greatest(date_diff('day', flag_date, alternative_date), 0)
        end as days
    from recent
)

select * from final
