"""What libtiff says on the process's standard error, caught and handed to the caller.

Pillow leaves libtiff its own error handler, which writes to file descriptor 2 and returns: damage
would be shown to the user as a stranger's line, and the picture taken as sound.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["libtiff_log"]

_STDERR = 2
_lock = threading.Lock()
#: ``Module: text.``; libtiff's modules are its functions, its codecs, and Pillow's name for a file.
_ITS_LINE = re.compile(
    rb"(?:tempfile\.tif|_?TIFF\w*|Fax\w*|JPEG\w*|OJPEG\w*|LZW\w*|ZIP\w*|ZSTD\w*|LZMA\w*|PackBits\w*"
    rb"|Predictor\w*|horAcc\w*|fpAcc\w*|DumpMode\w*): [^\n]*\n"
)


def _sorted_out(text: bytes, lines: list[str]) -> bytes:
    """Move libtiff's lines into a list; return what others wrote meanwhile."""
    lines += [line.decode("utf-8", "replace").strip() for line in _ITS_LINE.findall(text)]
    return _ITS_LINE.sub(b"", text)


@contextmanager
def libtiff_log() -> Iterator[list[str]]:
    """Collect the lines that libtiff writes inside; the list is complete after the block.

    What other threads write to standard error meanwhile appears when the block ends.
    """
    lines: list[str] = []
    with _lock, tempfile.TemporaryFile(buffering=0) as caught:
        try:
            before = os.dup(_STDERR)
        except OSError:
            # Standard error is closed: nobody reads what libtiff writes.
            yield lines
            return
        os.dup2(caught.fileno(), _STDERR)
        try:
            yield lines
        finally:
            os.dup2(before, _STDERR)
            os.close(before)
            caught.seek(0)
            rest = _sorted_out(caught.read(), lines)
            while rest:
                rest = rest[os.write(_STDERR, rest) :]
