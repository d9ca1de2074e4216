"""What the command line prints: results on standard output; findings, failures and progress on standard error."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, TextIO

from onshore.errors import Finding, InputError

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

    from onshore.sourcing import Progress

__all__ = ["Watch", "failure", "faults", "findings", "hang_up", "line", "listing", "result"]

SECONDS_BETWEEN_LINES = 10.0


def line(text: str, stream: TextIO | None = None) -> None:
    """One line of plain text."""
    (stream or sys.stdout).write(f"{text}\n")


def result(names: Mapping[str, object], text: str, *, as_json: bool) -> None:
    """A command's result: `names` as one JSON object, or `text`."""
    if as_json:
        line(json.dumps(dict(names), ensure_ascii=False, allow_nan=False, default=_plain))
    else:
        line(text)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date | os.PathLike):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def faults(fault: InputError, *, as_json: bool) -> None:
    """A programme that cannot be used: every finding."""
    if as_json:
        result({"ok": False, "findings": [f.as_dict() for f in fault.findings]}, "", as_json=True)
    else:
        findings(fault.findings, sys.stderr)
        line(tally(fault.findings), sys.stderr)


def failure(message: str, *, as_json: bool, details: Mapping[str, object] | None = None) -> None:
    """Anything else that went wrong, in words; `details` only where a program reads it."""
    if as_json:
        result({"ok": False, "error": message, **(details or {})}, "", as_json=True)
    else:
        line(message, sys.stderr)


def findings(found: Iterable[Finding], stream: TextIO) -> None:
    """Every finding: laid out on a terminal; one line each where a file or a pipe reads it."""
    if not stream.isatty():
        for f in found:
            line(f"{f.level}: {f}", stream)
        return
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(file=stream, highlight=False)
    for f in found:
        head = Text.assemble((f.level, "bold red" if f.level == "error" else "bold yellow"), "  ", (f.place, "bold"))
        console.print(head)
        console.print(Padding(Text(f.cause), (0, 0, 0, 2)))
        if f.remedy:
            console.print(Padding(Text(f.remedy, style="green"), (0, 0, 0, 2)))


def tally(found: Sequence[Finding]) -> str:
    """`2 errors, 1 warning`."""
    counts = [(sum(f.level == level for f in found), level) for level in ("error", "warning")]
    return ", ".join(f"{n} {level}{'' if n == 1 else 's'}" for n, level in counts if n) or "no findings"


def listing(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as text: wrapped to a terminal, one line a row elsewhere."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*headings, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 1000)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(text.rstrip() for text in captured.get().splitlines())


def hang_up() -> None:
    """The reader of our output is gone: keep Python from complaining when it closes the stream."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Watch:
    """Progress of a plan on standard error: a live line on a terminal, now and then a plain line elsewhere.

    Used as a context, and called with what reports progress. Where the work is silent for long, a thread repeats the
    last line with the time it has now, so that nobody takes it for hung.
    """

    def __init__(self, *, quiet: bool):
        self.quiet = quiet
        self._last: Progress | None = None
        self._begun = time.monotonic()
        self._printed = ("", -SECONDS_BETWEEN_LINES)
        self._live: Live | None = None
        self._over = threading.Event()
        self._printing = threading.Lock()

    def __enter__(self) -> Watch:
        if self.quiet:
            return self
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.live import Live

            self._live = Live(self, console=Console(stderr=True), refresh_per_second=5, transient=True)
            self._live.start()
        else:
            threading.Thread(target=self._beat, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._live is not None:
            self._live.stop()

    def _beat(self) -> None:
        while not self._over.wait(1.0):
            self.tick(time.monotonic() - self._begun)

    def __call__(self, progress: Progress) -> None:
        """Take note of how far the work is."""
        self._last = progress
        if not self.quiet and self._live is None:
            self.tick(time.monotonic() - self._begun)

    def tick(self, seconds: float) -> None:
        """A plain line, where the stage is new or the last line is ten seconds old."""
        with self._printing:
            stage, printed = self._printed
            now = "reading" if self._last is None else self._last.stage
            if now != stage or seconds >= printed + SECONDS_BETWEEN_LINES:
                self._printed = (now, seconds)
                line(self._words(seconds), sys.stderr)

    def _words(self, seconds: float) -> str:
        last = self._last
        if last is None:
            return f"{seconds:7.1f} s  reading"
        words = [f"{seconds:7.1f} s  {last.stage}"]
        words += [f"bound {_amount(last.bound)}"] if last.bound is not None else []
        words += [f"plan {_amount(last.objective)}"] if last.objective is not None else []
        words += [f"gap {last.gap:.2%}"] if last.gap is not None else []
        return "   ".join(words)

    def __rich__(self) -> Text:
        from rich.text import Text

        return Text(self._words(time.monotonic() - self._begun))


def _amount(value: float) -> str:
    """`1,234,568`, or four figures of a small number."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
