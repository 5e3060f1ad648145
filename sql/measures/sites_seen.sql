-- The last day on which a site prescribed or saw one of this part's patients.
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

final as (
    select
        site_id,
        max(seen_date) as last_date
    from seen
    group by site_id
)

select * from final
