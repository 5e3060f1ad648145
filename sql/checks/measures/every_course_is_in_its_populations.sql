-- Courses are in as many populations as they have flags.
-- grain: no rows: a row is a fault of ours
-- units: none
-- source: criteria 5
with

flagged as (
    select
        cast(is_immunocompetent as integer)
        + cast(is_immunocompromised as integer)
        + cast(is_hiv as integer)
        + cast(is_aids as integer)
        + cast(is_aids and is_prolonged as integer)
        + cast(is_hsct_allogeneic as integer)
        + cast(is_solid_organ_transplant as integer)
        + cast(is_prolonged as integer)
        + 1 as n_flags
    from courses
)

select
    (select sum(n_flags) from flagged) as n_flags,
    (select count(*) from course_populations) as n_rows
where
    coalesce((select sum(n_flags) from flagged), 0)
    <> (select count(*) from course_populations)
