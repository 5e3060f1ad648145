-- The minimum daily doses, one row for either immune status where a regimen holds for any.
-- grain: one row a drug, route, syndrome, immune status and renal band
-- units: mg or mg/kg a day; creatinine clearance in mL/min
-- source: regimens seed
with

immune_statuses as (
    select distinct immune_status
    from seed_regimens
    where immune_status <> 'any'
),

final as (
    select
        seed_regimens.drug,
        seed_regimens.route,
        seed_regimens.syndrome,
        immune_statuses.immune_status,
        cast(nullif(seed_regimens.crcl_from, '') as decimal(9, 3)) as crcl_from,
        cast(nullif(seed_regimens.crcl_below, '') as decimal(9, 3)) as crcl_below,
        case
            when
                $other_guidance = 'adequate'
                and seed_regimens.drug = 'acyclovir'
                and seed_regimens.route = 'oral'
                and seed_regimens.syndrome = 'hsv'
                and immune_statuses.immune_status = 'immunocompromised'
                and seed_regimens.unit = 'mg'
                then
                    least(
                        cast(seed_regimens.min_daily_dose as decimal(9, 3)),
                        cast($other_guidance_daily_mg as decimal(9, 3))
                    )
            else cast(seed_regimens.min_daily_dose as decimal(9, 3))
        end as min_daily_dose,
        seed_regimens.unit = 'mg/kg' as is_per_kg
    from seed_regimens
    inner join immune_statuses
        on
            seed_regimens.immune_status = immune_statuses.immune_status
            or seed_regimens.immune_status = 'any'
)

select * from final
