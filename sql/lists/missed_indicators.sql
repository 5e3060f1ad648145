-- What was missed of what the documents ask for, of what began in the rolling window.
-- grain: one row a missed indicator and course, prescription, treatment or transplant
-- units: dates in days
-- source: criteria 8
with

final as (
    select
        patients.patient_id,
        indicators.site_id,
        indicators.start_date,
        indicators.drugs,
        indicators.classification,
        indicators.course_key,
        indicators.prescription_key,
        indicators.indicator,
        indicators.due_date,
        indicators.detail,
        row_number() over (
            order by
                coalesce(
                    indicators.classification in ('suspected', 'confirmed'), false
                ) desc,
                indicators.start_date desc,
                indicators.patient_key,
                indicators.course_key nulls last,
                indicators.prescription_key nulls last,
                cast(seed_indicators.place as integer)
        ) as place
    from indicators
    inner join windows
        on indicators.start_date between windows.window_start and windows.window_end
    inner join seed_indicators
        on indicators.indicator = seed_indicators.indicator
    inner join patients on indicators.patient_key = patients.patient_key
    where windows.window_kind = 'rolling' and indicators.state = 'missed'
)

select * from final
