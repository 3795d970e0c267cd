"""A picture decoded before it is asked for, while Python loads what will filter it.

Pillow decodes without Python's lock, so that beside the loading of NumPy and of the filters the
decoding of a photograph takes next to no time.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from dilcli.files.guard import guarded
from dilcli.files.sniff import sniff

if TYPE_CHECKING:
    import os

    from dilcli.files.records import Source

__all__ = ["begin", "taken"]

#: Pixels of the largest picture that is decoded unasked: what it takes is no matter of limits.
_LARGEST = 64_000_000

#: Seconds after which Python's lock is handed over meanwhile.
_HANDED_OVER = 0.0002

_State = tuple[int, ...]

_begun: _Decoding | None = None


def _state(path: Path) -> _State | None:
    """Tell a file, and whether it was written to; None where it is no file to be read twice."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


class _Decoding(Thread):
    """Decodes one file; what goes wrong will go wrong again when the file is asked for."""

    def __init__(self, path: Path, codec: Any, source: Source, limit: int) -> None:
        # Who is interrupted does not wait for it.
        super().__init__(daemon=True)
        self.path, self.codec, self.source, self.limit = path, codec, source, limit
        self.state: _State | None = None
        self.decoded: Source | None = None

    def run(self) -> None:
        """Decode as far as no array is needed."""
        usual = sys.getswitchinterval()
        # Checksums are taken without Python's lock too, and after each it waits for the other
        # thread to hand it over.
        sys.setswitchinterval(_HANDED_OVER)
        try:
            self._decode()
        finally:
            sys.setswitchinterval(usual)

    def _decode(self) -> None:
        with suppress(Exception), guarded(self.source.name):
            if sum(self.codec.inspect(self.source).pixels) <= self.limit:
                begun = self.codec.begin(self.source, at_once=True)
                self.decoded = replace(self.source, begun=begun)


def _prepared(path: Path, limit: int) -> _Decoding | None:
    """Read a file and load its codec; None where that has nothing to begin with."""
    from dilcli.files import reading

    if not path.is_file():
        return None
    state = _state(path)
    source = reading.open_source(path, None)
    codec: Any = reading.codec_of(sniff(source))
    if not hasattr(codec, "begin"):
        return None
    codec.get_ready()
    decoding = _Decoding(path, codec, source, limit)
    decoding.state = state
    return decoding


def begin(path: str | os.PathLike[str], max_pixels: int | None = None) -> None:
    """Begin to decode a picture file that is about to be read whole.

    Parameters
    ----------
    path
        As :func:`dilcli.files.read` will get it. One that cannot be read is nothing to this
        function: reading will say so.
    max_pixels
        Decode nothing larger; a bound of its own holds beside.
    """
    global _begun  # noqa: PLW0603 -- there is one picture that a command begins with
    limit = _LARGEST if max_pixels is None else min(max_pixels, _LARGEST)
    _begun = None
    with suppress(Exception):
        _begun = _prepared(Path(path), limit)
    if _begun is not None:
        _begun.start()


def taken(path: Path, name: str) -> Source | None:
    """Return a file as far as it was decoded ahead, once; None if it was not, or has changed.

    Parameters
    ----------
    path
        The file that is read.
    name
        How messages call it.
    """
    global _begun
    if _begun is None or _begun.path != path:
        return None
    decoding, _begun = _begun, None
    decoding.join()
    unchanged = decoding.state is not None and decoding.state == _state(path)
    source = decoding.decoded if unchanged else None
    return None if source is None else replace(source, name=name)
