"""Where the time of a run goes: seconds by statement and by operator, from DuckDB itself.

    python -m benchmarks.operators DELIVERY AS_OF OUT

A whole run in which every table and file is made under ``explain analyze``. Operator
seconds add up over threads; they say shares, not what a run takes. Prints JSON.
"""

import contextlib
import json
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from pipeline import run
from pipeline.cli import run_command
from pipeline.engines.duck import Duck

_MADE = re.compile(
    r'(?:create or replace (?:temporary )?table "(\w+)"|copy .* to \'[^\']*/([^/\']+)\')',
    re.DOTALL,
)
statements: Counter[str] = Counter()
operators: Counter[str] = Counter()


class Profiled(Duck):
    """The engine, which notes how long each statement and each of its operators took."""

    def _run(self, sql: str, parameters: Any):
        made = _MADE.match(sql)
        began = time.perf_counter()
        explain = "explain (analyze, format json)\n" if made else ""
        found = super()._run(explain + sql, parameters)
        if made:
            plan = json.loads(found.fetchone()[1])
            for operator in plan.get("operator", ()):
                _add(operator)
        name = (
            (made[1] or made[2].removeprefix(".partial-"))
            if made
            else "selects and checks"
        )
        statements[name] += time.perf_counter() - began
        return found


def _add(operator: dict[str, Any]) -> None:
    operators[operator["type"]] += operator["timing"]
    for child in operator.get("children", ()):
        _add(child)


def main() -> None:
    """Run, then print the seconds."""
    delivery, as_of, out = sys.argv[1:]
    run.Duck = Profiled
    began = time.perf_counter()
    arguments = ["run", delivery, "--as-of", as_of, "--out", str(Path(out))]
    with contextlib.redirect_stdout(sys.stderr):
        if code := run_command(arguments):
            raise SystemExit(code)
    print(
        json.dumps(
            {
                "wall": time.perf_counter() - began,
                "statements": dict(statements.most_common()),
                "operators": dict(operators.most_common()),
            }
        )
    )


if __name__ == "__main__":
    main()
