-- Accepted lesion visits with the rank of their status: the higher, the worse.
-- grain: one row a visit
-- units: rank: 1 is healed
-- source: criteria 3
with

final as (
    select
        patients.patient_key,
        accepted_followups.file_id,
        accepted_followups.line,
        accepted_followups.visit_date,
        cast(seed_lesion_statuses.status_rank as integer) as status_rank,
        accepted_followups.lesion_status = 'healed' as is_healed,
        coalesce(accepted_followups.severity = 'severe', false) as is_severe,
        accepted_followups.syndrome,
        accepted_followups.accessible as is_accessible,
        accepted_followups.site_id
    from accepted_followups
    inner join patients on accepted_followups.patient_id = patients.patient_id
    inner join seed_lesion_statuses
        on accepted_followups.lesion_status = seed_lesion_statuses.lesion_status
)

select * from final
