"""The whole run measured: delivery to published reports, wall, CPU and peak memory.

    uv run python benchmarks/whole_run.py --prescriptions 1000000 --repeat 3

The network is simulated once into ``benchmarks/.data`` and kept. Every repeat is a fresh
process into a fresh output folder; the line printed last is the median of each column.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DATA = Path(__file__).resolve().parent / ".data"
MIB = 1024


def network(prescriptions: int, file_format: str) -> Path:
    """The folder of the simulated network, made where it is not there yet."""
    from pipeline import demonstration, simulate

    folder = DATA / f"{prescriptions}_{file_format}"
    if not (folder / "truth.parquet").is_file():
        scenario = simulate.scenario_for_prescriptions(prescriptions)
        started = time.perf_counter()
        demonstration.simulate_network(folder, scenario, file_format)
        print(f"simulated in {time.perf_counter() - started:.1f} s", flush=True)
    return folder


def measure(folder: Path, options: list[str]) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak MiB of one run in a process of its own."""
    with tempfile.TemporaryDirectory() as out:
        command = [
            *(sys.executable, "-m", "pipeline", "run", str(folder)),
            *("--as-of", "2026-06-30", "--out", out, *options),
        ]
        started = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"the run ended with {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / MIB


def main() -> None:
    """Parse, simulate where needed, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prescriptions", type=int, default=1_000_000)
    parser.add_argument("--format", choices=["parquet", "csv"], default="parquet")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    asked = parser.parse_args()
    folder = network(asked.prescriptions, asked.format)
    options = [part for pair in asked.set for part in ("--set", pair)]
    print(
        f"{platform.platform()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}"
    )
    print(f"{asked.prescriptions:,} prescriptions, {asked.format}")
    print("wall s  CPU s  peak MiB")
    found = []
    for _ in range(asked.repeat):
        found.append(measure(folder, options))
        print("{:6.1f} {:6.1f} {:9.0f}".format(*found[-1]), flush=True)
    medians = [statistics.median(column) for column in zip(*found, strict=True)]
    print("{:6.1f} {:6.1f} {:9.0f}  median".format(*medians))


if __name__ == "__main__":
    main()
