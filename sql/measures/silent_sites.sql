-- Sites seen before that sent nothing lately.
-- grain: one row a site
-- units: dates in days
-- source: report, question 1
with

seen as (
    select
        site_id,
        start_date as seen_date
    from prescriptions
    where site_id is not null
    union all
    select
        site_id,
        visit_date as seen_date
    from visits
    where site_id is not null
),

last_seen as (
    select
        site_id,
        max(seen_date) as last_date
    from seen
    group by site_id
),

final as (
    select *
    from last_seen
    where
        last_date <= $as_of - $silent_site_days
        and last_date > $silent_sites_from
)

select * from final
order by site_id
