"""``dilcli atrous enhance`` from the words of the command line to the files that are written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from dilcli import files, inverse_starlet, starlet
from tests.cli.running import dilcli
from tests.starlet_cases import atrous, case_input

if TYPE_CHECKING:
    from numpy.typing import NDArray


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a few small pictures."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (20, 30), np.uint8)).save("gray.png")
    Image.fromarray(rng.integers(0, 256, (20, 30, 3), np.uint8)).save("colour.png")
    np.save("real.npy", rng.normal(size=(20, 30)))
    return tmp_path


def _done(*words: object) -> str:
    result = dilcli("atrous", "enhance", *words)
    assert result.code == 0, result.err
    return result.err


def _read(name: str) -> NDArray[Any]:
    return files.read(Path(name)).frames[0]


@pytest.mark.parametrize("case", atrous()["gain_cases"], ids=lambda case: str(case["gain"]))
def test_each_case_of_the_reference_is_met_through_files(case: dict[str, Any]) -> None:
    np.save("in.npy", case_input(case["input_case"]).astype(np.float64))
    gains = ",".join(map(str, case["gain"]))
    words = ("-J", len(case["gain"]), "--gain", gains)
    _done("in.npy", *words, "--residual-gain", case["residual_gain"], "-o", "out.npy")
    np.testing.assert_allclose(np.load("out.npy"), case["sum"], rtol=0, atol=1e-9)


def test_gains_of_1_give_the_picture_back() -> None:
    for name in ("gray.png", "colour.png"):
        _done(name, "--gain", 1, "-J", 7)
        np.testing.assert_array_equal(_read(name.replace(".", "_enhanced.")), _read(name))


def test_the_background_is_written_beside_what_is_left_without_it() -> None:
    said = _done("real.npy", "--residual-gain", 0, "-o", "flat.npy", "--background", "sky.npy")
    assert "2 done" in said
    planes = starlet(np.load("real.npy"), 4)
    np.testing.assert_array_equal(np.load("sky.npy"), planes[-1])
    np.testing.assert_array_equal(np.load("flat.npy"), inverse_starlet(planes, residual_gain=0))


def test_the_background_may_be_asked_for_alone_and_of_a_folder() -> None:
    _done(".", "--include", "*.png", "--output-dir", "out", "--background", "{stem}_sky.png")
    assert sorted(path.name for path in Path("out").iterdir()) == [
        "colour_sky.png",
        "gray_sky.png",
    ]
    wanted = np.rint(starlet(_read("gray.png"), 4)[-1])
    np.testing.assert_array_equal(_read("out/gray_sky.png"), wanted)


def test_clipping_is_counted_and_floats_keep_what_it_takes() -> None:
    said = _done("gray.png", "--residual-gain", 0)
    assert "clipped; what keeps them: --depth float with a .tif or .npy" in said
    said = _done("gray.png", "--residual-gain", 0, "--depth", "float", "-o", "gray.npy")
    assert "clipped" not in said
    assert np.load("gray.npy").min() < 0


def test_luma_keeps_the_differences_of_colours() -> None:
    _done("colour.png", "--gain", 2, "--channels", "luma", "--depth", "float", "-o", "out.npy")
    moved = np.load("out.npy") - _read("colour.png").astype(np.float64)
    np.testing.assert_allclose(moved, np.repeat(moved[..., :1], 3, 2), atol=1e-3)
    assert np.ptp(moved) > 10


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "the output would be the input unchanged; give --gain, --residual-gain or"),
        (("-o", "x.png", "--background", "y.png"), "the output would be the input unchanged"),
        (("--gain", "1,1,1,1,1"), "5 values of gain for 4 levels"),
        (("--gain", "inf"), "must be finite"),
        (("--residual-gain", "nan"), "residual gain must be finite"),
        (("--gain", "2", "-o", "x.png", "--background", "x.png"), "would both write x.png"),
        (("--gain", "2", "-o", "-", "--background", "-"), "would both write standard output"),
        (("--background", "-", "--json"), "--json and -o - would both write to standard output"),
    ],
)
def test_what_has_no_meaning_is_one_line_before_any_work(
    words: tuple[str, ...], message: str
) -> None:
    before = sorted(Path().rglob("*"))
    result = dilcli("atrous", "enhance", "gray.png", *words)
    assert (result.code, result.out) == (2, b"")
    assert message in result.err.splitlines()[-1]
    assert sorted(Path().rglob("*")) == before


def test_the_background_may_go_to_standard_output() -> None:
    result = dilcli("atrous", "enhance", "gray.png", "--background", "-")
    assert result.code == 0, result.err
    _done("gray.png", "--background", "sky.png")
    assert result.out == Path("sky.png").read_bytes()
