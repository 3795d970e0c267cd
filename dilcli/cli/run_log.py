"""The log of a run: a file that lines are added to, whatever becomes of the run."""

from __future__ import annotations

import shlex
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from dilcli import __version__
from dilcli.cli.report import Line, echo, one_line
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from io import FileIO
    from pathlib import Path

    from dilcli.cli.report import Level

__all__ = ["run_log"]


@contextmanager
def run_log(path: Path | None, words: Sequence[str]) -> Iterator[Callable[[Iterable[Line]], None]]:
    """Add the lines of a run to a file.

    Parameters
    ----------
    path : Path or None
        The file, made if it is not there; None logs nothing.
    words : sequence of str
        The command line behind the name of the program.

    Yields
    ------
    callable
        Adds lines, each of which stands in the file at once.

    Raises
    ------
    ArgumentError
        If the file cannot be opened for appending.
    """
    if path is None:
        yield lambda _: None
        return
    try:
        # Without a buffer nothing waits for a later line, nor fails once more when it is closed.
        file = path.open("ab", buffering=0)
    except OSError as error:
        reason = error.strerror or error
        raise ArgumentError(
            f"--log {path}: {reason}; name a file that lines can be added to"
        ) from None
    log = _Log(file)
    log.write([_entry("info", f"dilcli {__version__}: {shlex.join(['dilcli', *words])}")])
    try:
        yield log.write
    except BaseException as error:
        log.write([_entry("error", f"the run broke off: {type(error).__name__}")])
        raise
    finally:
        log.close()
        if log.fault is not None:
            echo(f"warning: --log {path}: {log.fault}; lines are missing there")


class _Log:
    """A file that takes the lines it can, and why it did not take another."""

    def __init__(self, file: FileIO) -> None:
        self._file = file
        self.fault: str | None = None

    def write(self, lines: Iterable[Line]) -> None:
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        entries = (f"{now} {line.level.upper()} {one_line(line.entry)}\n" for line in lines)
        rest = "".join(entries).encode()
        with self._faults():
            while rest:
                rest = rest[self._file.write(rest) :]

    def close(self) -> None:
        with self._faults():
            self._file.close()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.fault = error.strerror or str(error)


def _entry(level: Level, entry: str) -> Line:
    return Line(level, entry, entry)
