"""Files written at the same time from strips that are handed out."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dilcli import files
from dilcli.errors import ImageFileError
from dilcli.features.starlet_writers import Writers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS = 5


class BrokenError(Exception):
    """What fails here."""


def write(path: Path, strips: Iterator[Any]) -> None:
    frame = files.StripFrame((ROWS, 3), np.dtype(np.float32), strips)
    files.write_strips(path, "npy" if path.suffix == ".npy" else "tiff", [frame])


def failing(path: Path, after: int, strips: Iterator[Any]) -> None:
    """Fail after so many strips, and with none left of a file that was begun."""

    def some() -> Iterator[Any]:
        for number in range(after):
            yield next(strips)
            assert number < ROWS
        raise BrokenError(f"after {after}")

    write(path, some())


def strip(plane: int, row: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.full((1, 3), 10 * plane + row, np.float32)


def hand_out(writers: Writers, count: int, rows: int = ROWS) -> None:
    for row in range(rows):
        for plane in range(count):
            writers.put(plane, strip(plane, row))


def give_up(writers: Writers, rows: int, error: type[BaseException]) -> None:
    hand_out(writers, 3, rows)
    raise error


def left(folder: Path) -> list[str]:
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith("writer")], "every writer has ended"
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("ending", [".npy", ".tif"])
def test_all_files_hold_their_own_strips_in_order(ending: str, tmp_path: Path) -> None:
    paths = [tmp_path / f"{plane}{ending}" for plane in range(4)]
    with Writers([partial(write, path) for path in paths]) as writers:
        hand_out(writers, 4)
        assert not any(path.exists() for path in paths), "nothing appears before the end"
    assert left(tmp_path) == [path.name for path in paths]
    for plane, path in enumerate(paths):
        wanted = [[10 * plane + row] * 3 for row in range(ROWS)]
        assert files.read(path).frames[0].tolist() == wanted


@pytest.mark.parametrize("after", [0, 1, ROWS - 1, ROWS])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_writer_that_fails_stops_all_and_nothing_is_left(
    after: int, place: int, tmp_path: Path
) -> None:
    writes = [partial(write, tmp_path / f"{plane}.npy") for plane in range(3)]
    writes[place] = partial(failing, tmp_path / f"{place}.npy", after)
    with (
        pytest.raises(BrokenError, match=f"after {after}"),
        Writers(writes) as writers,
    ):
        hand_out(writers, 3)
    assert left(tmp_path) == []


@pytest.mark.parametrize("rows", [0, 1, ROWS - 1, ROWS])
@pytest.mark.parametrize("error", [BrokenError, KeyboardInterrupt])
def test_a_maker_that_fails_leaves_nothing(
    rows: int, error: type[BaseException], tmp_path: Path
) -> None:
    with (
        pytest.raises(error),
        Writers([partial(write, tmp_path / f"{plane}.tif") for plane in range(3)]) as writers,
    ):
        give_up(writers, rows, error)
    assert left(tmp_path) == []


def test_a_file_that_cannot_take_its_name_is_the_error_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "1.npy").touch()
    with (
        pytest.raises(ImageFileError, match=r"output exists: .*1\.npy"),
        Writers([partial(write, tmp_path / f"{plane}.npy") for plane in range(3)]) as writers,
    ):
        hand_out(writers, 3)
    assert left(tmp_path) == ["1.npy"]


def test_too_few_strips_are_an_error_and_no_file(tmp_path: Path) -> None:
    with (
        pytest.raises(ImageFileError, match="strips of 4 rows for a frame of 5"),
        Writers([partial(write, tmp_path / "a.npy")]) as writers,
    ):
        hand_out(writers, 1, ROWS - 1)
    assert left(tmp_path) == []


def test_a_writer_that_ends_early_is_a_fault_and_no_endless_wait() -> None:
    def one(strips: Iterator[Any]) -> None:
        next(strips)

    with (
        pytest.raises(AssertionError, match="ended before"),
        Writers([one]) as writers,
    ):
        hand_out(writers, 1)


def test_no_more_strips_wait_than_one_for_each_writer() -> None:
    gate, taken = threading.Event(), []

    def slow(strips: Iterator[Any]) -> None:
        for each in strips:
            taken.append(each)
            gate.wait()

    done: list[int] = []
    with Writers([slow]) as writers:

        def produce() -> None:
            for row in range(4):
                writers.put(0, strip(0, row))
                done.append(row)

        maker = threading.Thread(target=produce)
        maker.start()
        maker.join(0.2)
        assert len(done) <= 2, "one at the writer, one in its line"
        gate.set()
        maker.join()
    assert len(taken) == 4
