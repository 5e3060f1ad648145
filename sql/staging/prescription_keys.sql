-- An integer key for every accepted prescription, in the order of the ids.
-- grain: one row a prescription
-- units: none
-- source: ours: integers are compared and sorted faster than texts
with

final as (
    select
        file_id,
        line,
        cast(row_number() over (order by prescription_id) as integer)
            as prescription_key
    from accepted_prescriptions
)

select * from final
