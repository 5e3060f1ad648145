-- What the simulator knows: the truth behind every treatment course that it began.
-- grain: one row a course, follow-on courses among them.
-- units: cause is why the lesions failed to heal in time, `none` where they healed.
-- source: the scenario; invented.
select
    patient_id,
    start_date,
    is_resistant,
    is_underdosed,
    is_nonadherent,
    has_other_diagnosis,
    is_lost,
    population,
    site_id,
    cause,
from sim_courses
