"""The last line of defence: whatever ends a command gets sentences and an exit code.

Knows errors and signals; knows nothing of any command.
"""

import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

import click

from pipeline.durable import STOPPING, as_error
from pipeline.errors import AcvwatchError, ReadWriteFailed, UsageError
from pipeline.terminal import Log

_FAULT_OF_OURS = 70
_AGAIN_SECONDS = 0.05
_IMPORT_MACHINERY = "<frozen importlib"


class Stopped(BaseException):
    """A signal asked the command to stop."""


@dataclass
class Session:
    """What must be known of a command where it ends.

    A stop signal ends the command until its last steps begin (`commit`): then it ends
    with 130 or 143 and nothing is published. One that comes later is dropped, since those
    codes say that nothing was published: the run is published and the code tells of it.
    """

    log: Log = field(default_factory=lambda: Log(sys.stderr))
    is_debug: bool = False
    signal_number: int | None = None
    is_committed: bool = False

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Note the signal and unwind, but not out of an import.

        That would leave the lock of imports held, for which the next import waits for
        ever: it is tried again a moment later. An engine may turn the exception into its
        own, and a library may swallow it: so the signal is looked at again at every step.
        """
        if self.is_committed:
            return
        self.signal_number = number
        if _is_importing(frame):
            signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)
            return
        raise Stopped

    def stop_again(self, _: int, frame: FrameType | None) -> None:
        """Unwind for the signal that was noted, now that an import may be over."""
        if self.signal_number is not None:
            self.stop(self.signal_number, frame)

    def step(self, name: str) -> None:
        """A step begins, unless a signal asked to stop: that raises Stopped."""
        self._refuse_if_stopped()
        self.log.step(name)

    def commit(self) -> None:
        """The last moment at which the command can be stopped; it may raise Stopped."""
        self._refuse_if_stopped()
        self.is_committed = True

    def _refuse_if_stopped(self) -> None:
        if self.signal_number is not None:
            raise Stopped


def guarded(command: Callable[[Session], int | None], *, is_last: bool = False) -> int:
    """The exit code of a command, however it ends.

    Where it is the last of its process, stop signals are ignored from its end on: the
    code is that of the command and not of what comes while the process is taken down.
    """
    session = Session()
    # A library's warning may quote a value, and an encoding may lack a character.
    warnings.simplefilter("ignore")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    with _stoppable(session, is_last):
        try:
            code = command(session) or 0
            session.commit()
            session.log.finish()
        # Beyond this there is only a traceback, with values in it.
        except (Exception, Stopped) as error:  # noqa: BLE001
            session.is_committed = True  # it ends already
            code = _told(session, error)
    return code


@contextmanager
def _stoppable(session: Session, is_last: bool) -> Iterator[None]:
    alarm = signal.signal(signal.SIGALRM, session.stop_again)
    before = {number: signal.signal(number, session.stop) for number in STOPPING}
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        before[signal.SIGALRM] = alarm
        for number, action in before.items():
            signal.signal(number, signal.SIG_IGN if is_last else action)


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith(_IMPORT_MACHINERY):
            return True
        frame = frame.f_back
    return False


def _told(session: Session, error: BaseException) -> int:
    sentences, code = _explained(session, error)
    session.log.error(sentences, code)
    if session.is_debug:
        traceback.print_exception(error)
    return code


def _explained(session: Session, error: BaseException) -> tuple[Sequence[str], int]:
    number = session.signal_number
    if number is not None:
        name = signal.Signals(number).name
        return [f"Stopped by {name}; nothing was published."], 128 + number
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
            fault = as_error(error, "reading or writing a file")
            return fault.sentences, fault.exit_code
    return [
        f"Something broke that should not ({type(error).__name__}).",
        "Nothing was published: run again with --debug to see where it happened.",
    ], _FAULT_OF_OURS
