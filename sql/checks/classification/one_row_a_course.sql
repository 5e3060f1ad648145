-- The courses table holds every kept course once.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: outputs
select
    (select count(*) from kept_courses) as n_kept,
    (select count(*) from courses) as n_courses
where (select count(*) from kept_courses) <> (select count(*) from courses)
