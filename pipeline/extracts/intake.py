"""All files of a delivery checked and made sources, before a row of one is read.

Every fault is gathered, and all are said together.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pipeline.contracts.compiler import Contract
from pipeline.contracts.schemas import EXTRACTS, NEVER_MISSING, REQUIRED
from pipeline.errors import (
    AcvwatchError,
    DataRefused,
    InputMissing,
    ReadWriteFailed,
)
from pipeline.extracts.delivery import (
    Candidate,
    HashedFile,
    find_files,
    format_of,
    open_regular,
)
from pipeline.extracts.framing import Bounds, Framed, frame
from pipeline.extracts.headers import expected_names
from pipeline.extracts.profiles import Profile
from pipeline.extracts.sources import (
    Engine,
    Source,
    csv_source,
    parquet_source,
    read_parquet_bytes,
    readable_path,
)

_FIRST_BYTES = 4096
# Two files at a time: hashing and numpy leave the interpreter to each other.
_READERS = 2


@dataclass(frozen=True)
class ReadFile:
    """A checked file: what was read of it, and how an engine may read it."""

    file_id: int
    extract: str
    label: str
    path: Path
    n_bytes: int
    sha256: str
    state: tuple[int, int, int, int]
    source: Source


@dataclass(frozen=True)
class Demands:
    """What a delivery must hold, from the configuration."""

    may_be_missing: frozenset[str]
    may_be_empty: bool
    bounds: Bounds


def demands(parameters: Mapping[str, object]) -> Demands:
    """The demands that the parameters make; ``allow_missing`` may be text or a list."""
    given = parameters.get("allow_missing") or ()
    names = given.replace("|", ",").split(",") if isinstance(given, str) else given
    may_be_missing = frozenset(str(name).strip() for name in names)
    return Demands(
        may_be_missing=may_be_missing - set(NEVER_MISSING),
        may_be_empty=bool(parameters["allow_empty"]),
        bounds=Bounds(
            expanded_bytes=int(str(parameters["max_expanded_bytes"])),
            ratio=int(str(parameters["max_expansion_ratio"])),
        ),
    )


def check_files(
    engine: Engine,
    folder: Path,
    *,
    contracts: Mapping[str, Contract],
    profile: Profile,
    asked: Demands,
    scratch: Path,
) -> tuple[ReadFile, ...]:
    """The files of a delivery, sorted by extract and label, each ready to be scanned.

    Raises one error with a sentence for every fault of the delivery.
    """
    found, faults = find_files(folder, profile.files)
    gathered = list(faults)
    files: list[ReadFile] = []
    for file_id, (file, read) in enumerate(
        _read_all(found, contracts, profile, asked.bounds, scratch)
    ):
        if isinstance(read, AcvwatchError):
            gathered.append(read)
            continue
        try:
            files.append(
                _checked(
                    engine, file_id, file, read, contracts, profile, asked, scratch
                )
            )
        except AcvwatchError as fault:
            gathered.append(fault)
    gathered += _absent(found, faults, asked)
    if not gathered:
        gathered += _empty(files, asked)
    raise_together(gathered)
    return tuple(files)


def raise_together(faults: Sequence[AcvwatchError]) -> None:
    """Raise the faults as one error, whose kind is theirs where they share one."""
    if not faults:
        return
    kinds = {type(fault) for fault in faults}
    sentences = list(
        dict.fromkeys(line for fault in faults for line in fault.sentences)
    )
    if ReadWriteFailed in kinds:
        raise ReadWriteFailed(*sentences)
    if len(kinds) == 1:
        raise kinds.pop()(*sentences)
    raise DataRefused(*sentences)


_Read = tuple[Framed | None, HashedFile]


def _read_all(
    found: Sequence[Candidate],
    contracts: Mapping[str, Contract],
    profile: Profile,
    bounds: Bounds,
    scratch: Path,
) -> list[tuple[Candidate, _Read | AcvwatchError]]:
    def read(numbered: tuple[int, Candidate]) -> _Read | AcvwatchError:
        number, file = numbered
        names = expected_names(contracts[file.extract], profile.of(file.extract))
        try:
            return _read_one(file, scratch / f"clean_{number}.csv", names, bounds)
        except AcvwatchError as fault:
            return fault

    with ThreadPoolExecutor(_READERS) as readers:
        return list(zip(found, readers.map(read, enumerate(found)), strict=True))


def _read_one(
    file: Candidate, copy: Path, known: frozenset[str], bounds: Bounds
) -> _Read:
    with open_regular(file) as opened:
        start = opened.read(_FIRST_BYTES)
    form = format_of(start, file.label)
    if form == "parquet":
        return None, read_parquet_bytes(file, bounds)
    return frame(file, copy, known=known, compressed=form == "gzip", bounds=bounds)


def _checked(
    engine: Engine,
    file_id: int,
    file: Candidate,
    read: _Read,
    contracts: Mapping[str, Contract],
    profile: Profile,
    asked: Demands,
    scratch: Path,
) -> ReadFile:
    framed, opened = read
    contract, mine = contracts[file.extract], profile.of(file.extract)
    path = readable_path(framed.path if framed else file.path, scratch, file_id)
    if framed:
        source = csv_source(file.label, framed, path, contract, mine)
    else:
        source = parquet_source(engine, file.label, path, contract, mine, asked.bounds)
    return ReadFile(
        file_id=file_id,
        extract=file.extract,
        label=file.label,
        path=file.path,
        n_bytes=opened.size,
        sha256=opened.sha256,
        state=opened.state,
        source=source,
    )


def _absent(
    found: Sequence[Candidate], faults: Sequence[AcvwatchError], asked: Demands
) -> list[AcvwatchError]:
    delivered = {file.extract for file in found}
    # A file with a fault in its name is not missing: it was named already.
    named = " ".join(line for fault in faults for line in fault.sentences)
    return [
        InputMissing(f"There is no file of {extract}, which every delivery must have.")
        for extract in REQUIRED
        if extract not in delivered | asked.may_be_missing and extract not in named
    ]


def _empty(files: Sequence[ReadFile], asked: Demands) -> list[AcvwatchError]:
    rows = defaultdict(int)
    for file in files:
        rows[file.extract] += file.source.n_rows
    if asked.may_be_empty:
        return []
    return [
        DataRefused(
            f"{extract} has no data row, and an empty delivery is not zero events: "
            "deliver its rows, or set allow_empty."
        )
        for extract in REQUIRED
        if extract in rows and not rows[extract]
    ]


def absent_extracts(files: Sequence[ReadFile]) -> tuple[str, ...]:
    """The extracts that were not delivered, in the contract's order."""
    delivered = {file.extract for file in files}
    return tuple(extract for extract in EXTRACTS if extract not in delivered)
