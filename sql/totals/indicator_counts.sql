-- How often what the documents ask for was done, of what began in the rolling window.
-- grain: one row a indicator
-- units: courses, prescriptions, treatments or transplants
-- source: criteria 8; counted by the start, as rates are (criteria 6)
with

recent as (
    select indicators.*
    from indicators
    inner join windows
        on indicators.start_date between windows.window_start and windows.window_end
    where windows.window_kind = 'rolling'
),

final as (
    select
        seed_indicators.indicator,
        cast(seed_indicators.place as integer) as place,
        count(recent.indicator) as n_denominator,
        count(*) filter (where recent.state = 'met') as n_met,
        count(*) filter (where recent.state = 'missed') as n_missed,
        count(*) filter (where recent.state = 'open') as n_open,
        count(*) filter (where recent.state = 'information') as n_information,
        count(*) filter (where recent.state = 'other_guidance') as n_other_guidance,
        count(*) filter (where recent.state = 'cannot_judge') as n_cannot_judge
    from seed_indicators
    left join recent on seed_indicators.indicator = recent.indicator
    group by seed_indicators.indicator, seed_indicators.place
)

select * from final
order by place
