-- Courses built, absorbed and in each class.
-- grain: one row a term
-- units: courses
-- source: criteria 6: nothing is lost
select
    term,
    cast(sum(n) as bigint) as n
from built_flow
group by term
union all
select
    seed_terms.classification as term,
    count(courses.course_key) as n
from (select distinct classification from seed_classes) as seed_terms
left join courses on seed_terms.classification = courses.classification
group by seed_terms.classification
