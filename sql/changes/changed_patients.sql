-- Of the patients who count otherwise, those whose delivered rows are not those of the previous run.
-- grain: one row a patient
-- units: none
-- source: report, question 3: new, corrected, retracted
with

compared as (
    select
        coalesce(delivered_rows.patient_id, previous_rows.patient_id) as patient_id,
        previous_rows.row_hash is null as is_new,
        delivered_rows.row_hash is null as is_gone,
        delivered_rows.content_hash <> previous_rows.content_hash as is_changed
    from delivered_rows
    full join previous_rows
        on
            delivered_rows.patient_id = previous_rows.patient_id
            and delivered_rows.extract = previous_rows.extract
            and delivered_rows.row_hash = previous_rows.row_hash
),

final as (
    select
        patient_id,
        coalesce(bool_or(is_new), false) as has_new,
        coalesce(bool_or(is_gone), false) as has_gone,
        coalesce(bool_or(is_changed), false) as has_changed
    from compared
    where is_new or is_gone or is_changed
    group by patient_id
)

select * from final
