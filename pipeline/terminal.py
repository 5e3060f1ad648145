"""The log on stderr: a display on a terminal, plain lines in a pipe, or JSON lines.

Knows nothing of what the steps are. The clock that it reads goes nowhere else.
"""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TextIO

FORMATS = ("text", "json")

_ERASE_LINE = "\r\x1b[K"


class Log:
    """Steps, notes and errors of one command, as they happen."""

    def __init__(self, stream: TextIO | None, log_format: str = "text"):
        self._stream = stream
        self._is_json = log_format == "json"
        self._is_display = not self._is_json and stream is not None and stream.isatty()
        self._step: str | None = None
        self._began = 0.0

    def step(self, name: str) -> None:
        """A step begins; the one before it has ended."""
        self.finish()
        self._step, self._began = name, time.monotonic()
        if self._is_display:
            self._put(f"  ... {as_plain_text(name)}", end="")

    def finish(self) -> None:
        """The last step has ended."""
        if self._step is None:
            return
        name, seconds = self._step, round(time.monotonic() - self._began, 2)
        self._step = None
        if self._is_display:
            self._put(f"{_ERASE_LINE}  {as_plain_text(name):<40} {seconds:7.1f} s")
        elif self._is_json:
            self._put_json("info", "step", name, seconds=seconds)
        else:
            self._put_line("info", f"{name} ({seconds:.1f} s)")

    def note(self, sentence: str) -> None:
        """Something that a reader of the log should know."""
        self._tell("info", "note", [sentence])

    def error(self, sentences: Sequence[str], code: int) -> None:
        """Why the command ends, and with which exit code."""
        self._step = self._erase_step()
        self._tell("error", "error", sentences, code=code)

    def _tell(
        self, level: str, event: str, sentences: Sequence[str], **further: int
    ) -> None:
        if self._is_json:
            self._put_json(level, event, " ".join(sentences), **further)
        elif self._is_display:
            self._erase_step()
            self._put("\n".join(map(as_plain_text, sentences)))
        else:
            for sentence in sentences:
                self._put_line(level, sentence)

    def _erase_step(self) -> None:
        if self._is_display and self._step is not None:
            self._put(_ERASE_LINE, end="")

    def _put_line(self, level: str, text: str) -> None:
        self._put(f"{_now()} {level:<5} {as_plain_text(text)}")

    def _put_json(self, level: str, event: str, text: str, **further: float) -> None:
        line = {"at": _now(), "level": level, "event": event, "message": text}
        self._put(json.dumps(line | further))

    def _put(self, text: str, end: str = "\n") -> None:
        try:
            if self._stream is not None:
                print(text, file=self._stream, end=end, flush=True)
        except OSError:
            self._stream = None  # nobody reads the log any more; the run goes on


def as_plain_text(text: str) -> str:
    """The text without control characters, which could forge or hide a line."""
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1]
        for character in text
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
