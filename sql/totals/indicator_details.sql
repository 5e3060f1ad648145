-- What else was seen of those: half done, done late, healed earlier, by which drug.
-- grain: one row a indicator, state and detail
-- units: courses, prescriptions, treatments or transplants
-- source: criteria 8
with

final as (
    select
        indicators.indicator,
        indicators.state,
        indicators.detail,
        count(*) as n
    from indicators
    inner join windows
        on indicators.start_date between windows.window_start and windows.window_end
    where windows.window_kind = 'rolling' and indicators.detail is not null
    group by indicators.indicator, indicators.state, indicators.detail
)

select * from final
order by indicator, state, detail
