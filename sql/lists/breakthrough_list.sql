-- Breakthroughs whose last lesion is recent enough to act on.
-- grain: one row an open breakthrough
-- units: dates in days
-- source: criteria 9: breakthrough
with

final as (
    select
        breakthroughs.patient_id,
        breakthroughs.site_id,
        breakthroughs.drug,
        breakthroughs.prescription_start,
        breakthroughs.prescription_end,
        breakthroughs.first_visit_date,
        breakthroughs.last_visit_date,
        breakthroughs.n_visits,
        patient_flags.risk_group,
        row_number() over (
            order by breakthroughs.last_visit_date, breakthroughs.prescription_key
        ) as place
    from breakthroughs
    inner join patient_flags
        on
            breakthroughs.patient_key = patient_flags.patient_key
            and breakthroughs.prescription_start = patient_flags.index_date
    where breakthroughs.last_visit_date + $closing_days > $as_of
)

select * from final
