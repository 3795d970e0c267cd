from __future__ import annotations

import logging
import struct
import threading
import warnings

import pytest

from dilcli.errors import ArgumentError, ImageFileError
from dilcli.files.guard import guarded, one_line


@pytest.mark.parametrize(
    "error",
    [
        SyntaxError("broken PNG file"),
        ValueError("a\nb"),
        TypeError("t"),
        KeyError("JPEG"),
        struct.error("unpack"),
        RuntimeError("codec"),
        OverflowError("int too big"),
        EOFError(),
        OSError(28, "No space left on device"),
        ModuleNotFoundError("No module named 'compression'"),
        AssertionError(),
    ],
)
def test_any_exception_of_a_library_becomes_one_line(error: Exception) -> None:
    """Image libraries raise far more than OSError for a damaged file."""
    with pytest.raises(ImageFileError) as caught, guarded("x.png: cannot decode PNG"):
        raise error
    message = str(caught.value)
    assert message.startswith("x.png: cannot decode PNG: ")
    assert "\n" not in message
    assert caught.value.__cause__ is error


def test_too_little_memory_is_said_so() -> None:
    with pytest.raises(ImageFileError, match=r"x\.tif: not enough memory"), guarded("x.tif"):
        raise MemoryError


def test_our_own_errors_pass_unchanged() -> None:
    error = ArgumentError("quality 0: must be 1 to 100")
    with pytest.raises(ArgumentError) as caught, guarded("x"):
        raise error
    assert caught.value is error


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_an_interruption_is_never_swallowed(kind: type[BaseException]) -> None:
    with pytest.raises(kind), guarded("x"):
        raise kind


def test_libraries_are_silent_inside_and_the_filters_are_back_outside(
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = list(warnings.filters)
    with guarded("x"), guarded("y"):
        warnings.warn("nobody can do anything about this", UserWarning, stacklevel=1)
        logging.getLogger("tifffile").error("invalid offset")
    assert warnings.filters == before
    assert not caplog.records
    logging.getLogger("tifffile").error("heard again")
    assert [record.message for record in caplog.records] == ["heard again"]


def test_overlapping_threads_restore_the_filters_that_were_there_first() -> None:
    """The first one in must not be the first one out, which alone would restore wrongly."""
    before = list(warnings.filters)
    inside, leave = threading.Event(), threading.Event()

    def second() -> None:
        with guarded("second"):
            inside.set()
            leave.wait()

    thread = threading.Thread(target=second)
    with guarded("first"):
        thread.start()
        inside.wait()
    leave.set()
    thread.join()
    assert warnings.filters == before


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(2, "No such file or directory"), "No such file or directory"),
        (ValueError("two\n  lines"), "two lines"),
        (EOFError(), "EOFError"),
    ],
)
def test_one_line_is_never_empty(error: Exception, expected: str) -> None:
    assert one_line(error) == expected
