from __future__ import annotations

import contextlib
import io
import os
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from dilcli.files.libtiff_log import libtiff_log
from tests.files import makers

if TYPE_CHECKING:
    from collections.abc import Callable


def _damaged() -> bytes:
    """Make an LZW TIFF with wrong codes, which libtiff complains about by itself."""
    buffer = io.BytesIO()
    Image.fromarray(makers.noise((40, 40))).save(buffer, "TIFF", compression="tiff_lzw")
    data = bytearray(buffer.getvalue())
    data[200:260] = b"\xff" * 60
    return bytes(data)


def _load(data: bytes) -> None:
    image = Image.open(io.BytesIO(data), formats=("TIFF",))
    with contextlib.suppress(OSError):
        image.load()


def test_libtiffs_lines_are_collected_and_not_shown(capfd: pytest.CaptureFixture[str]) -> None:
    _load(_damaged())
    shown = capfd.readouterr().err
    assert shown, "libtiff does write to standard error by itself"
    with libtiff_log() as lines:
        _load(_damaged())
    assert capfd.readouterr().err == ""
    assert lines == shown.splitlines()


def test_what_others_write_meanwhile_is_not_lost(capfd: pytest.CaptureFixture[str]) -> None:
    with libtiff_log() as lines:
        os.write(2, b"a.png: 3 of 7\nFax4Decode: Bad code word at line 1.\nb.png: done\n")
    assert capfd.readouterr().err == "a.png: 3 of 7\nb.png: done\n"
    assert lines == ["Fax4Decode: Bad code word at line 1."]


def test_standard_error_is_back_after_an_exception(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with libtiff_log():
            os.write(2, b"said before\n")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    os.write(2, b"said after\n")
    assert capfd.readouterr().err == "said before\nsaid after\n"


def _with_stderr_closed(act: Callable[[], None]) -> None:
    kept = os.dup(2)
    os.close(2)
    try:
        act()
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def test_a_closed_standard_error_is_no_error() -> None:
    done = []

    def act() -> None:
        with libtiff_log() as lines:
            done.append(lines)

    _with_stderr_closed(act)
    assert done == [[]]
