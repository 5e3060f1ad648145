-- The two ends of the window that the documents give: headline from its first day, strict from its last.
-- grain: one row a rule
-- units: day of the course
-- source: criteria 3
select
    'headline' as rule,
    $window_from as window_from
union all
select
    'strict' as rule,
    $strict_window_from as window_from
