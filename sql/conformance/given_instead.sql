-- Alternative drugs given during or after each suspected or confirmed course.
-- grain: one row a suspected or confirmed course with an alternative
-- units: dates in days
-- source: criteria 1, 8 and 9
with

final as (
    select
        courses.course_key,
        min(prescriptions.start_date) filter (
            where prescriptions.start_date >= courses.start_date
        ) as alternative_date,
        min(prescriptions.start_date) filter (
            where not prescriptions.is_systemic
        ) as topical_date,
        min(prescriptions.start_date) filter (
            where prescriptions.drug = 'foscarnet' and prescriptions.is_systemic
        ) as foscarnet_date,
        max(prescriptions.end_date) filter (
            where prescriptions.drug = 'foscarnet' and prescriptions.is_systemic
        ) as foscarnet_end_date,
        bool_or(prescriptions.drug = 'cidofovir') as has_cidofovir
    from courses
    inner join prescriptions
        on
            courses.patient_key = prescriptions.patient_key
            and courses.start_date <= prescriptions.end_date
    where
        courses.classification in ('suspected', 'confirmed')
        and prescriptions.drug_class = 'alternative'
    group by courses.course_key
)

select * from final
