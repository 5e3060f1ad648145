-- What the laboratory says of a course.
-- grain: one row a kept course with a resistant or susceptible result
-- units: day 0 is the start
-- source: criteria 4: specimens
with

final as (
    select
        course_key,
        bool_or(reading = 'resistant') as has_resistant,
        bool_or(reading = 'susceptible') as has_susceptible,
        bool_or(reading = 'susceptible' and collected_day >= $refute_from_day)
            as has_refuting,
        min(resulted_date) filter (where reading = 'resistant')
            as first_resistant_resulted_date
    from specimens
    where course_key is not null and reading is not null
    group by course_key
)

select * from final
