-- Patients and cases of the rolling window where courses are counted in another way.
-- grain: one row a population and way of counting, the given one among them
-- units: patients
-- source: report, question 6: parameters varied one at a time
with

counted as (
    select
        course_populations.population_key,
        seed_variations.variation,
        ranked_courses.patient_key,
        case seed_variations.variation
            when 'short_responses_out'
                then ranked_courses.is_in_rate and not ranked_courses.is_short_response
            when 'watched_failed'
                then ranked_courses.is_in_rate or watched.course_key is not null
            when 'outside_counted'
                then ranked_courses.is_in_rate or ranked_courses.is_confirmed_outside
            else ranked_courses.is_in_rate
        end as is_in_rate,
        case seed_variations.variation
            when 'watched_failed'
                then ranked_courses.is_case or watched.course_key is not null
            when 'outside_counted'
                then ranked_courses.is_case or ranked_courses.is_confirmed_outside
            else ranked_courses.is_case
        end as is_case
    from ranked_courses
    inner join windows
        on
            ranked_courses.start_date
            between windows.window_start and windows.window_end
    inner join course_populations
        on ranked_courses.course_key = course_populations.course_key
    inner join seed_variations on seed_variations.parameter = ''
    left join watch as watched
        on
            ranked_courses.course_key = watched.course_key
            and watched.watch in ('switched_while_progressing', 'relapse_on_therapy')
    where
        windows.window_kind = 'rolling'
        and ranked_courses.rule = 'headline'
        and ranked_courses.is_mature
        and not ranked_courses.is_zoster
),

final as (
    select
        counted.variation,
        seed_populations.population,
        count(distinct counted.patient_key) filter (where counted.is_in_rate) as n,
        count(distinct counted.patient_key) filter (where counted.is_case) as k
    from counted
    inner join seed_populations
        on
            counted.population_key
            = cast(seed_populations.population_key as tinyint)
    group by counted.variation, seed_populations.population
)

select * from final
order by variation, population
