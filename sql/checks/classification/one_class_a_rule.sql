-- Every kept course has one class under each rule.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: criteria 4
select
    kept_courses.course_key,
    count(classes.course_key) as n
from kept_courses
left join classes on kept_courses.course_key = classes.course_key
group by kept_courses.course_key
having count(classes.course_key) <> (select count(*) from rules)
