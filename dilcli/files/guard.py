"""The border to the image libraries: any exception becomes one line, and they keep quiet.

Pillow, tifffile and their friends raise SyntaxError, KeyError, struct.error, RuntimeError and
more for damaged files, and warn where no user can do anything.
"""

from __future__ import annotations

import logging
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dilcli.errors import DilcliError, ImageFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["guarded", "one_line"]

_lock = threading.Lock()
_inside = 0
_before: tuple[warnings.catch_warnings[Any], bool] | None = None


def one_line(error: BaseException) -> str:
    """Return what an exception says, on one line and never empty."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = " ".join(str(error).split())
    return text or type(error).__name__


@contextmanager
def quiet() -> Iterator[None]:
    """Silence warnings and tifffile's log; several threads may be inside at the same time.

    ``warnings.catch_warnings`` alone restores a wrong state when two threads overlap: only the
    first one in sets the filter and only the last one out restores it.
    """
    global _inside, _before  # noqa: PLW0603 -- the filters are the interpreter's own global state
    log = logging.getLogger("tifffile")
    with _lock:
        if _inside == 0:
            catcher: warnings.catch_warnings[Any] = warnings.catch_warnings()
            catcher.__enter__()
            warnings.simplefilter("ignore")
            _before = (catcher, log.disabled)
            log.disabled = True
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0 and _before is not None:
                catcher, log.disabled = _before
                catcher.__exit__(None, None, None)
                _before = None


@contextmanager
def guarded(what: str) -> Iterator[None]:
    """Turn whatever a library raises inside into one :class:`ImageFileError` line.

    Parameters
    ----------
    what
        What the message starts with, e.g. ``"photo.png: cannot decode PNG"``.

    Raises
    ------
    ImageFileError
        For any Exception but dilcli's own; KeyboardInterrupt and SystemExit pass through.
    """
    with quiet():
        try:
            yield
        except DilcliError:
            raise
        except MemoryError as error:
            raise ImageFileError(f"{what}: not enough memory") from error
        except Exception as error:
            raise ImageFileError(f"{what}: {one_line(error)}") from error
