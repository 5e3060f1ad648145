-- The populations that a course belongs to; they overlap, as the published ones do.
-- grain: one row a course and population
-- units: none
-- source: criteria 5
select
    course_key,
    'immunocompetent' as population
from courses
where is_immunocompetent
union all
select
    course_key,
    'immunocompromised' as population
from courses
where is_immunocompromised
union all
select
    course_key,
    'hiv' as population
from courses
where is_hiv
union all
select
    course_key,
    'aids' as population
from courses
where is_aids
union all
select
    course_key,
    'aids_prolonged' as population
from courses
where is_aids and is_prolonged
union all
select
    course_key,
    'hsct_allogeneic' as population
from courses
where is_hsct_allogeneic
union all
select
    course_key,
    'solid_organ_transplant' as population
from courses
where is_solid_organ_transplant
union all
select
    course_key,
    'prolonged_therapy' as population
from courses
where is_prolonged
union all
select
    course_key,
    'all' as population
from courses
