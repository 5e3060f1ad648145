-- Sites seen before that sent nothing lately.
-- grain: one row a site
-- units: dates in days
-- source: report, question 1
with

last_seen as (
    select
        site_id,
        max(last_date) as last_date
    from sites_seen
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
