from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dilcli.errors import ImageFileError
from dilcli.files import ahead, jpeg, png
from dilcli.files.ahead import begin, taken
from dilcli.files.reading import read
from tests.files import makers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SAMPLES = makers.noise((40, 50, 3))
MADE: dict[str, Callable[[], bytes]] = {
    "a.jpg": lambda: makers.jpeg(SAMPLES),
    "gray.jpg": lambda: makers.jpeg(SAMPLES[..., 0]),
    "a.png": lambda: makers.png(SAMPLES, 2),
    "gray.png": lambda: makers.png(SAMPLES[..., 0], 0),
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
    monkeypatch.setattr(ahead, "_begun", None)


def _counted(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Count how often a JPEG or PNG is decoded, and whether it was ahead."""
    found: list[bool] = []
    for codec in (jpeg, png):
        decoder = codec.begin

        def counting(source: Any, *, at_once: bool = False, decoder: Any = decoder) -> Any:
            found.append(at_once)
            return decoder(source, at_once=at_once)

        monkeypatch.setattr(codec, "begin", counting)
    return found


@pytest.mark.parametrize("name", MADE)
def test_what_is_decoded_ahead_is_what_reading_gives_and_is_decoded_once(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(name).write_bytes(MADE[name]())
    plain = read(name)
    decoded = _counted(monkeypatch)
    begin(name)
    found = read(Path(name))
    assert decoded == [True]
    np.testing.assert_array_equal(found.frames[0], plain.frames[0])
    assert (found.metadata, found.notes, found.alpha) == (
        plain.metadata,
        plain.notes,
        plain.alpha,
    )


def test_it_is_given_once_and_for_its_own_path_only() -> None:
    for name in ("a.png", "b.png"):
        Path(name).write_bytes(MADE["a.png"]())
    begin("a.png")
    assert taken(Path("b.png"), "b.png") is None
    source = taken(Path("a.png"), "shown")
    assert source is not None
    assert source.name == "shown"
    assert taken(Path("a.png"), "a.png") is None


def test_a_file_that_was_written_to_meanwhile_is_read_anew() -> None:
    Path("a.png").write_bytes(makers.png(SAMPLES, 2))
    begin("a.png")
    other = makers.noise((40, 50, 3), seed=1)
    Path("a.png").write_bytes(makers.png(other, 2))
    os.utime("a.png", ns=(1, 1))
    np.testing.assert_array_equal(read("a.png").frames[0], other)


@pytest.mark.parametrize("limit", [1999, 2000])
def test_nothing_larger_than_the_limit_is_decoded(
    limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.png").write_bytes(makers.png(SAMPLES, 2))
    decoded = _counted(monkeypatch)
    begin("a.png", limit)
    assert (taken(Path("a.png"), "a.png") is not None) is (limit == 2000)
    assert decoded == [True] * (limit == 2000)


def test_a_bound_of_its_own_holds_too(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.png").write_bytes(makers.png(SAMPLES, 2))
    monkeypatch.setattr(ahead, "_LARGEST", 1999)
    begin("a.png")
    assert taken(Path("a.png"), "a.png") is None


@pytest.mark.parametrize("name", ["missing.png", "folder", "a.tif", "text.png", "cut.jpg", "-", ""])
def test_what_cannot_be_begun_is_left_to_reading(name: str) -> None:
    Path("folder").mkdir()
    Path("a.tif").write_bytes(b"II*\0" + bytes(20))
    Path("text.png").write_text("no picture")
    whole = makers.jpeg(SAMPLES)
    Path("cut.jpg").write_bytes(whole[: len(whole) // 2])
    begin(name)
    assert taken(Path(name), name) is None
    with pytest.raises(ImageFileError) as ahead_of_it:
        read(Path(name))
    with pytest.raises(ImageFileError) as plain:
        read(Path(name))
    assert str(ahead_of_it.value) == str(plain.value)


@pytest.mark.parametrize("name", MADE)
def test_a_thread_loads_no_module(name: str) -> None:
    """An interrupt that meets an import may leave its lock behind, and a thread would wait."""
    Path(name).write_bytes(MADE[name]())
    code = (
        "import sys; from dilcli.files import ahead; from pathlib import Path\n"
        f"path = Path({name!r})\n"
        "decoding = ahead._prepared(path, 10**6); before = set(sys.modules)\n"
        "decoding.run(); assert decoding.decoded is not None\n"
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_numpy_is_not_loaded_for_it() -> None:
    Path("a.jpg").write_bytes(MADE["a.jpg"]())
    code = (
        "import sys; from dilcli.files import ahead; from pathlib import Path\n"
        "ahead.begin('a.jpg'); assert ahead.taken(Path('a.jpg'), 'a.jpg') is not None\n"
        "print('numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"


def test_python_hands_its_lock_over_as_usual_afterwards() -> None:
    Path("a.png").write_bytes(MADE["a.png"]())
    Path("b.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    before = sys.getswitchinterval()
    try:
        for name in ("a.png", "b.png"):
            sys.setswitchinterval(0.004)
            begin(name)
            taken(Path(name), name)
            assert sys.getswitchinterval() == pytest.approx(0.004)
    finally:
        sys.setswitchinterval(before)
