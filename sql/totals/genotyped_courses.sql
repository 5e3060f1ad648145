-- Confirmed HSV courses of the rolling window with a genotype result, and those with a UL23 mutation.
-- grain: one row in all
-- units: courses
-- source: criteria 7: tk_deficient_share
with

genotyped as (
    select
        courses.course_key,
        bool_or(
            specimens.test = 'genotype_ul23'
            and specimens.result = 'resistance_mutation'
        ) as has_ul23_mutation
    from courses
    inner join windows
        on courses.start_date between windows.window_start and windows.window_end
    inner join specimens on courses.course_key = specimens.course_key
    inner join seed_tests on specimens.test = seed_tests.test
    where
        windows.window_kind = 'rolling'
        and courses.classification = 'confirmed'
        and courses.syndrome <> 'zoster'
        and seed_tests.is_genotype = 'true'
        and specimens.result is not null
    group by courses.course_key
)

select
    count(*) as n_genotyped,
    count(*) filter (where has_ul23_mutation) as n_ul23_mutation
from genotyped
