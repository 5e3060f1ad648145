"""The errors a user can meet, each with its exit code; knows nothing of files or SQL.

AcvwatchError
├── UsageError              64  the command line is wrong
├── DataRefused             65  an extract, or too large a share of one, was refused
├── InputMissing            66  an extract or a folder is not there
├── EngineUnavailable       69  an engine cannot be started
├── InvariantBroken         70  a sum or a check of ours does not hold
├── CannotCreateOutput      73  the output cannot be created
├── ReadWriteFailed         74  a read or write failed, or the disk is full
├── LockHeld                75  another run holds the lock
├── NoPermission            77  a file or folder may not be read or written
└── ConfigurationError      78  configuration, profile or seed is wrong
"""

from collections.abc import Sequence


class AcvwatchError(Exception):
    """A fault in whole sentences, for the user; never holds a patient's value."""

    exit_code = 70

    def __init__(self, *sentences: str):
        super().__init__("\n".join(sentences))
        self.sentences: Sequence[str] = sentences


class UsageError(AcvwatchError):
    """The command line is wrong."""

    exit_code = 64


class DataRefused(AcvwatchError):
    """An extract, or too large a share of one, was refused."""

    exit_code = 65


class InputMissing(AcvwatchError):
    """An extract or a folder is not there."""

    exit_code = 66


class EngineUnavailable(AcvwatchError):
    """An engine cannot be started."""

    exit_code = 69


class InvariantBroken(AcvwatchError):
    """A sum or a check of ours does not hold."""

    exit_code = 70


class CannotCreateOutput(AcvwatchError):
    """The output cannot be created."""

    exit_code = 73


class ReadWriteFailed(AcvwatchError):
    """A read or write failed, or the disk is full."""

    exit_code = 74


class LockHeld(AcvwatchError):
    """Another run holds the lock."""

    exit_code = 75


class NoPermission(AcvwatchError):
    """A file or folder may not be read or written."""

    exit_code = 77


class ConfigurationError(AcvwatchError):
    """Configuration, profile or seed is wrong."""

    exit_code = 78
