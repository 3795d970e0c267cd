"""Texts of the command line become values, or one line that says what is wrong."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.cli.params import (
    BoundaryParam,
    FormatParam,
    FramesParam,
    KernelParam,
    NumbersParam,
    OriginParam,
    PairListParam,
    PairParam,
    SizeParam,
    WordParam,
)
from dilcli.core.boundary import ALIASES, BOUNDARIES
from dilcli.core.kernels import parse_kernel
from dilcli.errors import ImageFileError
from dilcli.files import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

COUNTS = st.integers(1, 10**6)


def _refused(param: click.ParamType[Any], text: str) -> str:
    with pytest.raises(click.BadParameter) as caught:
        param.convert(text, None, None)
    assert "\n" not in caught.value.message
    return caught.value.message


@given(COUNTS, COUNTS)
def test_a_pair_is_rows_by_columns_and_one_number_is_both(rows: int, columns: int) -> None:
    assert PairParam().convert(f"{rows}x{columns}", None, None) == (rows, columns)
    assert PairParam().convert(f" {rows} ", None, None) == (rows, rows)
    assert PairParam().convert((rows, columns), None, None) == (rows, columns)


@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=1))
def test_holes_are_dilations_less_one(pairs: list[tuple[int, int]]) -> None:
    dilations = ",".join(f"{y}x{x}" for y, x in pairs)
    holes = ",".join(f"{y - 1}x{x - 1}" for y, x in pairs)
    assert PairListParam().convert(dilations, None, None) == tuple(pairs)
    assert PairListParam(holes=True).convert(holes, None, None) == tuple(pairs)


@pytest.mark.parametrize("text", ["", "x", "2x", "x3", "2x3x4", "1.5", "two", "2 3", "1e3", "²"])
def test_what_is_no_pair_is_refused(text: str) -> None:
    for param in (PairParam(), PairListParam()):
        assert _refused(param, text) == (
            f"{text!r} is not a whole number, nor two joined by x (rows x columns)"
        )


@pytest.mark.parametrize("text", ["0", "-1", "2x0", "1,0"])
def test_a_dilation_below_1_is_explained_in_both_conventions(text: str) -> None:
    said = _refused(PairListParam(), text)
    assert said.startswith(f"dilation must be >= 1 (got {text})")
    assert "1 means dense, no holes" in said
    assert "Where dilation counts the holes, 0 means dense: say that as --holes 0" in said
    if "," not in text:
        assert _refused(PairParam(), text) == f"must be >= 1 (got {text})"


def test_holes_below_0_are_refused_and_say_what_they_are() -> None:
    said = _refused(PairListParam(holes=True), "-1")
    assert said == ("holes must be >= 0 (got -1); 0 means dense, and --holes N is --dilation N+1")


@given(st.integers(0, 99), st.integers(0, 99))
def test_an_origin_is_a_row_and_a_column(y: int, x: int) -> None:
    assert OriginParam().convert(f"{y},{x}", None, None) == (y, x)
    assert OriginParam().convert(f" {y} , {x} ", None, None) == (y, x)


@pytest.mark.parametrize("text", ["", "1", "1x2", "-1,0", "1,2,3"])
def test_what_is_no_origin_is_refused(text: str) -> None:
    assert _refused(OriginParam(), text) == f"{text!r} is not a position Y,X such as 1,1"


def test_a_kernel_is_a_name_weights_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "k.txt").write_text("1 2 1")
    convert = KernelParam().convert
    assert convert("box:5", None, None) == parse_kernel("box:5")
    assert convert("1 2 1", None, None).weights == ((1, 2, 1),)
    assert convert(f"@{tmp_path}/k.txt", None, None).name == "k"
    kernel = parse_kernel("box")
    assert convert(kernel, None, None) is kernel
    assert "did you mean 'box'" in _refused(KernelParam(), "bix")
    assert "No such file" in _refused(KernelParam(), "@nothing.npy")


@pytest.mark.parametrize("name", [*BOUNDARIES, *ALIASES])
def test_a_boundary_goes_by_every_name_in_any_case(name: str) -> None:
    assert BoundaryParam().convert(name.upper(), None, None) == ALIASES.get(name, name)


def test_an_unknown_boundary_gets_the_nearest_name() -> None:
    assert "Did you mean 'mirror'?" in _refused(BoundaryParam(), "miror")


def test_a_word_is_one_of_its_words_in_any_case_and_a_mistyped_one_gets_the_nearest() -> None:
    param = WordParam(("offset", "minmax"), "HOW")
    assert param.convert("OffSet", None, None) == "offset"
    said = _refused(param, "ofset")
    assert said == "unknown 'ofset'. Did you mean 'offset'? (choices: offset, minmax)"
    assert _refused(param, "zzz") == "unknown 'zzz'. (choices: offset, minmax)"


@pytest.mark.parametrize("name", [name for name, format_ in FORMATS.items() if format_.written])
def test_a_format_goes_by_its_name_and_by_each_extension(name: str) -> None:
    for text in (name, name.upper(), *FORMATS[name].extensions, FORMATS[name].extensions[0][1:]):
        assert FormatParam().convert(text, None, None) == name


@pytest.mark.parametrize("text", ["", "xyz", "fits", "p.png", "png/x"])
def test_a_format_that_is_not_written_is_refused_with_those_that_are(text: str) -> None:
    said = _refused(FormatParam(), text)
    assert said.startswith(f"unknown {text!r}.")
    assert "(choices: png, jpeg, tiff," in said


@pytest.mark.parametrize(
    ("text", "count", "wanted"),
    [
        ("0", 3, [0]),
        ("2-5", 9, [2, 3, 4, 5]),
        ("3,0-1", 4, [3, 0, 1]),
        ("1,1-2,2", 3, [1, 2]),
        (" 4 - 4 ", 5, None),
    ],
)
def test_frames_are_numbers_and_spans_in_the_order_given(
    text: str, count: int, wanted: list[int] | None
) -> None:
    if wanted is None:
        _refused(FramesParam(), text)
        return
    select = FramesParam().convert(text, None, None)
    assert select is not None
    assert select(count) == wanted
    # Worker processes get it too.
    assert pickle.loads(pickle.dumps(select)) == select


def test_all_frames_are_no_choice_at_all() -> None:
    assert FramesParam().convert("ALL", None, None) is None
    assert FramesParam().convert(None, None, None) is None


@pytest.mark.parametrize("text", ["", "x", "1-", "-1", "3-1", "1;2"])
def test_what_is_no_choice_of_frames_is_refused(text: str) -> None:
    assert "is not a frame N nor a range N-M, counted from 0" in _refused(FramesParam(), text)


@pytest.mark.parametrize(("count", "there"), [(1, "is frame 0 only"), (4, "are frames 0 to 3")])
def test_a_frame_that_is_not_there_is_an_error_of_the_file(count: int, there: str) -> None:
    select = FramesParam().convert("0,7", None, None)
    assert select is not None
    with pytest.raises(ImageFileError, match=f"no frame 7: there {there}"):
        select(count)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512MB", 512 * 1000**2),
        ("512MiB", 512 * 1024**2),
        ("512m", 512 * 1000**2),
        ("2GiB", 2 * 1024**3),
        ("2gib", 2 * 1024**3),
        ("2Gi", 2 * 1024**3),
        ("1.5G", 1_500_000_000),
        ("1.5 GB", 1_500_000_000),
        ("0.5K", 500),
        ("0.1KiB", 102),
        ("4000000000", 4_000_000_000),
        (" 3 TB ", 3 * 1000**4),
        ("7B", 7),
    ],
)
def test_a_size_is_bytes_in_powers_of_1000_or_of_1024_with_an_i(text: str, size: int) -> None:
    assert SizeParam().convert(text, None, None) == size
    assert SizeParam().convert(size, None, None) == size


@given(st.integers(1, 10**20 - 1), st.sampled_from(["", "B", "K", "kb", "MB", "GiB", "Ti"]))
def test_a_size_is_exact(number: int, unit: str) -> None:
    power = " KMGT".index(unit[:1].upper().replace("B", "") or " ")
    base = 1024 if "i" in unit else 1000
    assert SizeParam().convert(f"{number}{unit}", None, None) == number * base**power


@pytest.mark.parametrize(
    "text",
    [
        *("", "MB", "-1", "-1MB", "1.5.2G", "1 2", "5XB", "1iB", "1e9", "1.G", ".5G", "inf", "²"),
        pytest.param("9" * 400, id="400 digits"),
    ],
)
def test_what_is_no_size_is_refused(text: str) -> None:
    assert _refused(SizeParam(), text) == (
        f"{text!r} is not a size such as 512MB, 2GiB or 4000000000"
    )


@pytest.mark.parametrize("text", ["0", "0GB", "0.4B", "0.0001K"])
def test_a_size_of_nothing_is_refused(text: str) -> None:
    assert _refused(SizeParam(), text) == f"must be at least 1 byte (got {text})"


def test_numbers_are_read_between_commas() -> None:
    numbers = NumbersParam()
    assert numbers.convert("1.5,2,-3e-1", None, None) == (1.5, 2.0, -0.3)
    assert numbers.convert((1.0,), None, None) == (1.0,)
    for text, said in (("1,x", "'1,x' is not a number"), ("1,", "not a number"), ("inf", "finite")):
        with pytest.raises(click.BadParameter, match=said):
            numbers.convert(text, None, None)
