-- What a line-list row's picture shows: therapy, visits, specimens and events, day by day.
-- grain: one row a bar or mark of a row of the line list
-- units: day 0 is the start
-- source: criteria 9: line list; criteria 3 and 4
select
    line_list.place,
    case_timelines.lane,
    case_timelines.day_from,
    case_timelines.day_to,
    case_timelines.label,
    case_timelines.state
from case_timelines
inner join line_list on case_timelines.course_key = line_list.course_key
