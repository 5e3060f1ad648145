"""The delivery that is measured: simulated once, kept, and a shuffled copy of it.

python -m benchmarks.network FOLDER --prescriptions 1000000 --format parquet
python -m benchmarks.network COPY --shuffled FOLDER
python -m benchmarks.network ACCEPTED --accepted FOLDER
"""

import argparse
from datetime import date
from pathlib import Path

import duckdb

from benchmarks import accepted
from pipeline import demonstration, simulate
from pipeline.contracts.sql_text import literal


def shuffle(folder: Path, copy: Path) -> None:
    """Write the Parquet extracts of a folder with their rows in another order."""
    copy.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        for path in sorted(folder.glob("*.parquet")):
            if path.name != demonstration.TRUTH:
                connection.execute(
                    f"copy (select * from read_parquet({literal(str(path))}) as rows "
                    "order by hash(rows)) to "
                    f"{literal(str(copy / path.name))} (format parquet)"
                )
    (copy / "whole").touch()


def main() -> None:
    """Make what is asked for; nothing where it is there already."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--prescriptions", type=int)
    parser.add_argument("--format", choices=simulate.FORMATS, default="parquet")
    parser.add_argument("--shuffled", type=Path, metavar="FOLDER")
    parser.add_argument("--accepted", type=Path, metavar="FOLDER")
    parser.add_argument("--as-of", type=date.fromisoformat)
    asked = parser.parse_args()
    if asked.shuffled:
        if not (asked.folder / "whole").is_file():
            shuffle(asked.shuffled, asked.folder)
    elif asked.accepted:
        accepted.write(asked.accepted, asked.as_of, asked.folder)
    elif not (asked.folder / demonstration.TRUTH).is_file():
        scenario = simulate.scenario_for_prescriptions(asked.prescriptions)
        demonstration.simulate_network(asked.folder, scenario, asked.format)


if __name__ == "__main__":
    main()
