"""Kernel files of every kind, and what is wrong with the others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dilcli.errors import KernelError
from dilcli.files.kernel_files import EXTENSIONS, read_weights

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

TABLES = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=5),
    elements=st.floats(allow_nan=False, allow_infinity=False),
)
SAME_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@SAME_FOLDER
@given(table=TABLES)
@pytest.mark.parametrize("extension", EXTENSIONS)
def test_what_is_written_is_read_back_exactly(
    tmp_path: Path, extension: str, table: NDArray[np.float64]
) -> None:
    path = tmp_path / f"kernel{extension}"
    rows = [[repr(float(value)) for value in row] for row in table]
    if extension == ".npy":
        np.save(path, table)
    elif extension == ".json":
        path.write_text(json.dumps(table.tolist()))
    elif extension == ".csv":
        path.write_text("\n".join(map(",".join, rows)))
    elif extension == ".txt":
        path.write_text("\n".join(map(" ".join, rows)))
    else:
        height, width = table.shape
        path.write_text(f"{width} {height}\n" + "\n".join(map(" ".join, rows)))
    np.testing.assert_array_equal(read_weights(path), table)


@pytest.mark.parametrize(
    ("name", "text", "rows"),
    [
        ("a.txt", "# smooth\n1 2 1  # top\n\n2\t4,2\n", ((1, 2, 1), (2, 4, 2))),
        ("a.txt", "1 2; 3 4", ((1, 2), (3, 4))),
        ("a.TXT", "1/4 1/2 -1e-2", ((0.25, 0.5, -0.01),)),
        ("a.csv", "1;2;3\r\n4;5;6\r\n", ((1, 2, 3), (4, 5, 6))),
        ("a.csv", "\ufeff1,2\n3,4\n", ((1, 2), (3, 4))),
        ("a.json", "[1, 2.5]", ((1, 2.5),)),
        ("a.json", '{"weights": [[1], [2]], "author": "x"}', ((1,), (2,))),
        ("a.mat", "3 1\n1 2 1\n", ((1, 2, 1),)),
        (
            "a.mat",
            "# vips\n3 2 16 0\n1 2 1\n2 4 2\n",
            ((1 / 16, 1 / 8, 1 / 16), (1 / 8, 1 / 4, 1 / 8)),
        ),
    ],
)
def test_the_kinds_of_writing_that_people_use_are_read(
    tmp_path: Path, name: str, text: str, rows: tuple[tuple[float, ...], ...]
) -> None:
    assert read_weights(write(tmp_path, name, text)) == rows


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.txt", "", "has no weights"),
        ("a.txt", "# only words\n", "has no weights"),
        ("a.txt", "1 2\n# note\n3 x\n", "line 3: 'x' is not a number"),
        ("a.txt", "1 2\n3\n", "line 2 has a row of 1, line 1 one of 2"),
        ("a.txt", "1 1/0\n", "line 1: '1/0' divides by zero"),
        ("a.csv", "1,nan\n", "nan in row 1, column 2 is not finite"),
        ("a.csv", "1,2\n3,inf\n", "inf in row 2, column 2 is not finite"),
        ("a.json", "[[1, 2], [3]]", "row 2 has a length of 1"),
        ("a.json", "[[1, true]]", "row 1 is not a list of numbers"),
        ("a.json", "[]", "row 1 is not a list of numbers"),
        ("a.json", '{"kernel": [1]}', 'no key "weights"'),
        ("a.json", "[1, NaN]", "nan in row 1, column 2 is not finite"),
        ("a.json", "[1", "is not JSON"),
        ("a.json", "[" * 100_000, "is not JSON"),
        ("a.json", "[1" + "0" * 400 + "]", "beyond what a float holds"),
        ("a.mat", "3 1 1 128\n1 2 1\n", "offset 128; .* give --bias 128"),
        ("a.mat", "3 1 0\n1 2 1\n", "scale 0"),
        ("a.mat", "1 3\n1 2 1\n", "says 1 wide and 3 high, but is 3 wide and 1 high"),
        ("a.mat", "3\n1 2 1\n", "wanted width height"),
        ("a.mat", "MATLAB 5.0 MAT-file", "is a MATLAB file"),
        ("a.mat", "", "is empty"),
        ("a.xyz", "1", r"ends in '\.xyz'; known are \.txt, \.csv"),
        ("kernel", "1", "has no extension"),
    ],
)
def test_errors_name_the_file_and_the_place_in_one_line(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    path = write(tmp_path, name, text)
    with pytest.raises(KernelError, match=message) as caught:
        read_weights(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((2, 2, 2)), "shape"),
        (np.zeros(()), "shape"),
        (np.zeros((0, 3)), "shape"),
        (np.zeros(3, complex), "real numbers"),
        (np.array(["1"]), "real numbers"),
        (np.full((1, 2), np.nan), "not finite"),
        (np.zeros((2000, 2000), np.uint8), "too many"),
    ],
)
def test_arrays_that_are_no_kernel_are_refused(
    tmp_path: Path, array: NDArray[np.float64], message: str
) -> None:
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(KernelError, match=message):
        read_weights(tmp_path / "a.npy")


@pytest.mark.parametrize("dtype", ["bool", "i1", ">u2", "<i8", "f2", ">f4", "f8"])
def test_arrays_of_any_number_type_and_order_are_read(tmp_path: Path, dtype: str) -> None:
    array = np.array([[0, 1, 1], [1, 0, 1]], dtype, order="F")
    np.save(tmp_path / "a.npy", array)
    np.save(tmp_path / "row.npy", array[0])
    assert read_weights(tmp_path / "a.npy") == ((0.0, 1.0, 1.0), (1.0, 0.0, 1.0))
    assert read_weights(tmp_path / "row.npy") == ((0.0, 1.0, 1.0),)


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([print], dtype=object), allow_pickle=True)
    with pytest.raises(KernelError, match=r"not a \.npy array of numbers"):
        read_weights(tmp_path / "a.npy")


def test_a_cut_off_array_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.ones((4, 4)))
    for length in (0, 5, 100, 200):
        whole = path.read_bytes()
        (tmp_path / "cut.npy").write_bytes(whole[:length])
        with pytest.raises(KernelError, match=r"not a \.npy array of numbers"):
            read_weights(tmp_path / "cut.npy")


def test_what_cannot_be_opened_or_is_not_text_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "binary.txt").write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(KernelError, match=r"missing\.txt: No such file"):
        read_weights(tmp_path / "missing.txt")
    with pytest.raises(KernelError, match="Is a directory"):
        read_weights(tmp_path / "folder.txt")
    with pytest.raises(KernelError, match="is not text"):
        read_weights(tmp_path / "binary.txt")


def test_a_table_as_large_as_a_picture_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", ("0," * 1499 + "0\n") * 1000)
    with pytest.raises(KernelError, match="1000 x 1500 values are too many"):
        read_weights(path)
