"""The command line: parses, calls, prints; the only place that does.

Knows the options and the exit codes. What takes long to import is imported by the command
that needs it, so that help is there at once.
"""

import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import wraps
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from pipeline.errors import (
    AcvwatchError,
    ConfigurationError,
    EngineUnavailable,
    InputMissing,
    ReadWriteFailed,
    UsageError,
)
from pipeline.periods import parse_as_of, parse_date
from pipeline.terminal import FORMATS, Log

if TYPE_CHECKING:
    from pipeline.run import Request
    from pipeline.settings import Settings

CALLS_FOR_ACTION = 10
"""The exit code of a published run that calls for action (outputs)."""

_FAULT_OF_OURS = 70
_CONFIGURATION = Path("acvwatch.toml")


class Stopped(BaseException):
    """A signal asked the command to stop."""


@dataclass
class Session:
    """What the last line of defence must know of the command that it guards."""

    log: Log = field(default_factory=lambda: Log(sys.stderr))
    is_debug: bool = False
    signal_number: int | None = None

    def stop(self, number: int, _: FrameType | None) -> None:
        """Note the signal and unwind; an engine may turn the exception into its own."""
        self.signal_number = number
        raise Stopped


def main() -> None:
    """Run the command line of this process and exit with its code."""
    sys.exit(run_command(sys.argv[1:]))


def run_command(arguments: Sequence[str]) -> int:
    """The exit code of one command; whatever goes wrong is told in whole sentences."""
    session = Session()
    before = {
        number: signal.signal(number, session.stop)
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    warnings.simplefilter("ignore")  # a library's warning may quote a value
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = acvwatch.main(
            arguments, prog_name="acvwatch", standalone_mode=False, obj=session
        )
        session.log.finish()
        return code or 0
    # The last line of defence: beyond it there is only a traceback, with values in it.
    except (Exception, Stopped) as error:  # noqa: BLE001
        return _told(session, error)
    finally:
        for number, action in before.items():
            signal.signal(number, action)


def _told(session: Session, error: BaseException) -> int:
    sentences, code = _explained(session, error)
    session.log.error(sentences, code)
    if session.is_debug:
        traceback.print_exception(error)
    return code


def _explained(session: Session, error: BaseException) -> tuple[Sequence[str], int]:
    if session.signal_number is not None:
        name = signal.Signals(session.signal_number).name
        return [f"Stopped by {name}; nothing was published."], 128 + session.signal_number
    match error:
        case AcvwatchError():
            return error.sentences, error.exit_code
        case click.UsageError():
            command = error.ctx.command_path if error.ctx else "acvwatch"
            hint = f"Try '{command} -h' for its options."
            return [error.format_message(), hint], UsageError.exit_code
        case MemoryError():
            sentence = "The memory was not enough; set a lower memory_limit."
            return [sentence], ReadWriteFailed.exit_code
        case OSError():
            from pipeline.durable import as_error

            fault = as_error(error, "reading or writing a file")
            return fault.sentences, fault.exit_code
    return [
        f"Something broke that should not ({type(error).__name__}).",
        "Nothing was published: run again with --debug to see where it happened.",
    ], _FAULT_OF_OURS
