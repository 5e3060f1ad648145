-- Days of systemic tk_dependent therapy in the history before an index date.
-- grain: one row a patient and index date with any such day
-- units: days
-- source: criteria 5: is_prolonged
with

final as (
    select
        index_dates.patient_key,
        index_dates.index_date,
        cast(
            sum(
                date_diff(
                    'day',
                    greatest(
                        exposure_spans.span_start,
                        index_dates.index_date - $history_days
                    ),
                    least(exposure_spans.span_end, index_dates.index_date - 1)
                ) + 1
            ) as integer
        ) as therapy_days
    from index_dates
    inner join exposure_spans
        on
            index_dates.patient_key = exposure_spans.patient_key
            and exposure_spans.span_start <= index_dates.index_date - 1
            and exposure_spans.span_end >= index_dates.index_date - $history_days
    group by index_dates.patient_key, index_dates.index_date
)

select * from final
