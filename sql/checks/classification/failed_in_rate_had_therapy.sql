-- A suspected course was adequately dosed, long enough and decided under therapy.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: criteria 4 rows 2 to 8
select courses.course_key
from courses
where
    courses.classification = 'suspected'
    and (
        courses.dosing <> 'adequate'
        or courses.length_days < $min_therapy_days
        or courses.deciding_date > courses.end_date + $off_therapy_days
        or courses.outcome <> 'failed'
    )
