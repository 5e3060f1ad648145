-- The invented patients: who they are, where, and what happens to them in general.
-- grain: one row a patient.
-- units: days and dates; weight in kg; draws and shares from 0 to 1.
-- source: seeds/simulation_populations.csv and simulation_choices.csv, invented.
with numbered as (
    select
        range + 1 as patient_number,
        entropy($seed, range + 1) as patient_entropy,
        range >= $patients as is_cluster,
        case when range >= $patients then 'cluster' else 'network' end as subject,
    from range($people)
),

members as (
    select
        numbered.*,
        sim_populations.* exclude (source),
        uniform(patient_entropy, 'immune status documented')
        >= $undocumented_share or is_cluster as is_documented,
        not is_cluster
        and uniform(patient_entropy, 'child') < $child_share as is_child,
    from numbered
    inner join sim_choices
        on
            sim_choices.subject = numbered.subject
            and sim_choices.choice = 'population'
            and slot
            = slot_of(patient_entropy, 'population', $choice_slots)
    inner join sim_populations on sim_populations.population = sim_choices.value
),

described as (
    select
        members.*,
        conditions.value as condition,
        renal_bands.value as renal_band,
        leavings.value as leaving_event,
        case when is_cluster then 1 else cast(courses.value as integer) end
            as n_courses,
    from members
    inner join sim_choices as conditions
        on
            conditions.subject = members.population
            and conditions.choice = 'condition'
            and conditions.slot
            = slot_of(patient_entropy, 'condition', $choice_slots)
    inner join sim_choices as renal_bands
        on
            renal_bands.subject = 'any'
            and renal_bands.choice = 'renal_band'
            and renal_bands.slot
            = slot_of(patient_entropy, 'renal', $choice_slots)
    inner join sim_choices as leavings
        on
            leavings.subject = 'any'
            and leavings.choice = 'leaving'
            and leavings.slot
            = slot_of(patient_entropy, 'leaving', $choice_slots)
    inner join sim_choices as courses
        on
            courses.subject = members.immune_status
            and courses.choice = 'courses'
            and courses.slot
            = slot_of(patient_entropy, 'courses', $choice_slots)
),

dated as (
    select
        *,
        case
            when prophylaxis_starts = 'condition'
                then
                    $data_start
                    + whole(
                        patient_entropy, 'transplant',
                        0, $span_days - $condition_days_before_end
                    )
            else
                $data_start
                - whole(patient_entropy, 'condition day', 1, $condition_days_before)
        end as immune_from,
        case
            when
                not is_cluster
                and uniform(patient_entropy, 'leaves') < leaves_share
                then
                    $data_start
                    + whole(
                        patient_entropy, 'leaving day',
                        $leaves_from_day, $span_days
                    )
        end as left_on,
    from described
)

select
    patient_number,
    patient_entropy,
    'P' || format('{:07d}', patient_number) as patient_id,
    is_cluster,
    population,
    immune_status,
    is_documented,
    condition,
    immune_from,
    case
        when uniform(patient_entropy, 'condition ends') < $condition_ends_share
            then $as_of
    end as immune_to,
    leaving_event,
    left_on,
    coalesce(least(left_on, $as_of), $as_of) as last_day,
    renal_band,
    n_courses,
    uniform(patient_entropy, 'resistance') as resistance_draw,
    uniform(patient_entropy, 'mutation') < $polymerase_share as has_polymerase_mutation,
    uniform(patient_entropy, 'accessible') < $accessible_share as is_accessible,
    case
        when is_cluster then $cluster_site
        when uniform(patient_entropy, 'siteless') >= $siteless_share
            then
                's' || format(
                    '{:02d}',
                    1 + cast(floor(
                        uniform(patient_entropy, 'site')
                        * uniform(patient_entropy, 'site') * $sites
                    ) as integer)
                )
    end as site_id,
    uniform(patient_entropy, 'unregistered') >= $unregistered_share as is_registered,
    case
        when is_child
            then
                extract(year from $as_of)
                - whole(patient_entropy, 'birth', 2, $adult_age_years - 2)
        else whole(
            patient_entropy, 'birth',
            $birth_year_from, extract(year from $as_of) - $adult_age_years
        )
    end as birth_year,
    case
        when is_child
            then whole(patient_entropy, 'weight', $child_weight_from, $child_weight_to)
        else whole(patient_entropy, 'weight', $weight_from, $weight_to)
    end as weight_kg,
    uniform(patient_entropy, 'prophylaxis') < prophylaxis_share
    and not is_cluster as has_prophylaxis,
    case
        when prophylaxis_starts = 'history'
            then
                $data_start
                + whole(patient_entropy, 'prophylaxis day', 0, $history_start_days)
        when prophylaxis_starts = 'condition'
            then
                immune_from
                + whole(patient_entropy, 'prophylaxis day', 0, $prophylaxis_delay_days)
        else
            $data_start
            + whole(
                patient_entropy, 'prophylaxis day',
                0, $span_days - $prophylaxis_last_days
            )
    end as prophylaxis_from,
    whole(
        patient_entropy, 'prophylaxis days',
        prophylaxis_days_from, prophylaxis_days_to
    ) as prophylaxis_days,
    -- without the intent of either, prophylaxis and treatment could not be told apart
    uniform(patient_entropy, 'prophylaxis') < prophylaxis_share
    and not is_cluster
    and uniform(patient_entropy, 'prophylaxis intent')
    < $prophylaxis_intent_missing_share as is_prophylaxis_unnamed,
from dated
