"""``dilcli atrous denoise`` from the words of the command line to the files that are written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from dilcli import denoise, files
from tests.cli.running import dilcli
from tests.starlet_cases import atrous, case_input

if TYPE_CHECKING:
    from numpy.typing import NDArray

CASES = atrous()["threshold_cases"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a small noisy picture of each kind."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)

    def noisy(*shape: int, scale: int = 1) -> NDArray[Any]:
        return rng.normal(100 * scale, 9 * scale, shape).round()

    Image.fromarray(noisy(20, 30).astype(np.uint8)).save("gray.png")
    Image.fromarray(noisy(20, 30, scale=200).astype(np.uint16)).save("deep.png")
    Image.fromarray(noisy(20, 30, 4).astype(np.uint8)).save("alpha.png", dpi=(144, 144))
    np.save("real.npy", noisy(20, 30).astype(np.float32))
    frames = [Image.fromarray(noisy(20, 30).astype(np.uint8)) for _ in range(3)]
    frames[0].save("moving.gif", save_all=True, append_images=frames[1:], duration=[50, 90, 70])
    tifffile.imwrite(
        "pages.tif", noisy(3, 20, 30, scale=200).astype(np.uint16), photometric="minisblack"
    )
    return tmp_path


def _done(*words: object, stdin: bytes = b"") -> str:
    result = dilcli("atrous", "denoise", *words, stdin=stdin)
    assert result.code == 0, result.err
    return result.err


def _refused(*words: object, code: int = 2) -> str:
    before = sorted(Path().rglob("*"))
    result = dilcli("atrous", "denoise", *words)
    assert (result.code, result.out) == (code, b""), result.err
    assert sorted(Path().rglob("*")) == before, "nothing was written"
    return result.err.splitlines()[-1]


def _read(name: str) -> NDArray[Any]:
    frame: NDArray[Any] = files.read(Path(name)).frames[0]
    return frame


def _fitted(real: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    if dtype.kind != "f":
        real = np.clip(np.rint(real), 0, np.iinfo(dtype).max)
    made: NDArray[Any] = real.astype(dtype)
    return made


@pytest.mark.parametrize("how", ["hard", "soft"])
@pytest.mark.parametrize("number", range(len(CASES)))
def test_each_case_of_the_reference_is_met_through_files(number: int, how: str) -> None:
    case = CASES[number]
    image = case_input(case["input_case"]).astype(np.float64)
    np.save("in.npy", image)
    estimated = case["sigma_source"].startswith("MAD")
    result = dilcli(
        *("atrous", "denoise", "in.npy", "-o", "out.npy", "--threshold", how, "--json"),
        *("-J", len(case["k"]), "--ksigma", ",".join(map(str, case["k"]))),
        *("--sigma", "auto" if estimated else case["sigma"]),
    )
    assert result.code == 0, result.err
    np.testing.assert_allclose(np.load("out.npy"), case[how]["sum"], rtol=0, atol=1e-9)
    (noise,) = result.records[0]["noise"]
    assert noise["estimated"] is estimated
    np.testing.assert_allclose(noise["sigma"], [case["sigma"]], rtol=1e-12)
    for level, limit, kept in zip(
        noise["levels"], case["thresholds"], case[how]["kept"], strict=True
    ):
        np.testing.assert_allclose(level["threshold"], [limit], rtol=1e-12)
        assert [round(each * image.size) for each in level["kept_fraction"]] == [kept]


@pytest.mark.parametrize("name", ["gray.png", "deep.png", "real.npy"])
@pytest.mark.parametrize(
    ("words", "settings"),
    [
        ((), {}),
        (("-J", 2, "--ksigma", "2", "--threshold", "soft"), {"levels": 2, "ksigma": 2}),
        (("--sigma", "9", "--iterations", "2"), {"sigma": 9, "iterations": 2}),
        (("--amount", "0.5", "-k", "linear"), {"amount": 0.5, "kernel": "linear"}),
        (("--poisson", "2,3,10", "--positive"), {"poisson": (2, 3, 10), "positive": True}),
        (
            ("-b", "constant", "--fill", "99", "--generation", "2"),
            {"boundary": "constant", "fill": 99, "generation": 2},
        ),
    ],
)
def test_the_command_gives_what_the_function_gives_rounded_once(
    name: str, words: tuple[object, ...], settings: dict[str, Any]
) -> None:
    _done(name, *words, "-o", f"out{Path(name).suffix}")
    given, made = _read(name), _read(f"out{Path(name).suffix}")
    if "soft" in words:
        settings = settings | {"threshold": "soft"}
    np.testing.assert_array_equal(made, _fitted(denoise(given, **settings), given.dtype))


def test_outputs_stand_beside_their_inputs_and_say_what_was_found() -> None:
    said = _done("gray.png")
    assert said.startswith(
        "gray.png -> gray_denoised.png: 20 x 30 uint8, denoised, 4 levels, sigma"
    )
    assert "details kept" in said
    assert Path("gray_denoised.png").exists()
    assert _refused("gray.png", code=1).startswith("Error: output exists: gray_denoised.png")


def test_alpha_depth_and_metadata_are_kept() -> None:
    _done("alpha.png", "--channels", "luma")
    before, after = files.read(Path("alpha.png")), files.read(Path("alpha_denoised.png"))
    assert (after.alpha, after.metadata) == (True, before.metadata)
    np.testing.assert_array_equal(after.frames[0][..., 3], before.frames[0][..., 3])
    assert (after.frames[0][..., :3] != before.frames[0][..., :3]).any()
    _done("deep.png")
    assert _read("deep_denoised.png").dtype == np.uint16
    _done("gray.png", "--depth", "float", "-o", "gray.npy")
    assert _read("gray.npy").dtype == np.float32


@pytest.mark.parametrize("name", ["moving.gif", "pages.tif"])
def test_every_frame_is_denoised_by_itself(name: str) -> None:
    _done(name)
    before, after = files.read(Path(name)), files.read(Path(name.replace(".", "_denoised.")))
    assert len(after.frames) == 3
    assert after.metadata.durations == before.metadata.durations
    for one, another in zip(before.frames, after.frames, strict=True):
        np.testing.assert_array_equal(another, _fitted(denoise(one), one.dtype))


def test_a_folder_is_denoised_by_several_processes_as_by_one() -> None:
    said = _done(".", "--output-dir", "one", "-j", 1)
    assert "6 done, 0 skipped, 0 failed" in said
    _done(".", "--output-dir", "two", "-j", 2)
    for path in Path("one").iterdir():
        assert path.read_bytes() == (Path("two") / path.name).read_bytes()


def test_a_picture_larger_than_memory_passes_in_strips_and_is_the_same() -> None:
    rng = np.random.default_rng(1)
    pixels = rng.normal(30000, 900, (3000, 2600)).round().astype(np.uint16)
    tifffile.imwrite("large.tif", pixels, tile=(256, 256), compression="zlib", metadata=None)
    words = ("large.tif", "-J", 3, "--iterations", 2, "--json", "-o")
    whole = dilcli("atrous", "denoise", *words, "whole.tif")
    strips = dilcli("atrous", "denoise", *words, "strips.tif", "--memory-limit", "200MB")
    assert (whole.code, strips.code) == (0, 0), strips.err
    (one,), (two,) = whole.records, strips.records
    differing = {key for key in one if one[key] != two[key]}
    assert differing <= {"output", "seconds"}
    np.testing.assert_array_equal(_read("whole.tif"), _read("strips.tif"))


def test_standard_input_goes_to_standard_output() -> None:
    data = Path("gray.png").read_bytes()
    result = dilcli("atrous", "denoise", "-", "-o", "-", stdin=data)
    assert result.code == 0
    _done("gray.png")
    assert result.out == Path("gray_denoised.png").read_bytes()


def test_a_flat_picture_is_told_and_left_alone() -> None:
    Image.fromarray(np.full((9, 9), 7, np.uint8)).save("flat.png")
    said = _done("flat.png")
    assert "note: channel 0: the median of the finest details is 0" in said
    np.testing.assert_array_equal(_read("flat_denoised.png"), _read("flat.png"))


def test_levels_larger_than_the_picture_are_told_with_and_without_work() -> None:
    assert "2^6 = 64 exceeds the shorter side of 20" in _done("gray.png", "-J", 6)
    shown = dilcli("atrous", "denoise", "deep.png", "-J", 6, "--dry-run")
    assert b"2^6 = 64 exceeds the shorter side of 20" in shown.out
    assert not Path("deep_denoised.png").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--sigma", "x"), "'x' is not a number"),
        (("--sigma", "-1"), "sigma must be a finite number >= 0, or one a channel (got (-1.0,))"),
        (("--sigma", "1", "--poisson", "1,0,0"), "sigma and poisson exclude one another"),
        (("--poisson", "1,2,3,4"), "poisson must be gain, read noise and offset"),
        (("--poisson", "0,0,0"), "poisson 0,0,0 is no noise; want gain > 0"),
        (("--amount", "2"), "2.0 is not in the range 0<=x<=1"),
        (("--iterations", "0"), "0 is not in the range x>=1"),
        (("--ksigma", "4,3,3,3,3"), "5 values of ksigma for 4 levels"),
        (("--ksigma", "-3"), "ksigma must be >= 0"),
        (("--threshold", "sfot"), "did you mean 'soft'"),
        (("-k", "sobel-y"), "scaling kernel 'sobel-y' sums to 0"),
        (("--channels", "lumma"), "did you mean 'luma'"),
        (("-b", "constant", "--fill", "nan"), "fill must be finite"),
    ],
)
def test_what_has_no_meaning_is_one_line_before_any_work(
    words: tuple[str, ...], message: str
) -> None:
    said = _refused("gray.png", *words)
    assert message.lower() in said.lower()


def test_one_sigma_a_channel_is_checked_against_the_picture() -> None:
    _done("alpha.png", "--sigma", "9,8,7")
    said = _refused("gray.png", "--sigma", "9,8,7", code=1)
    assert said == "Error: gray.png: sigma must be a finite number >= 0 (got (9.0, 8.0, 7.0))"


def test_samples_that_would_spread_fail_their_picture_and_no_other() -> None:
    real = np.load("real.npy")
    real[3, 3] = np.nan
    np.save("hole.npy", real)
    result = dilcli("atrous", "denoise", "hole.npy", "real.npy", "--output-dir", "out")
    assert result.code == 1
    assert "hole.npy: 1 of 600 samples are NaN or infinite" in result.err
    assert [path.name for path in Path("out").iterdir()] == ["real_denoised.npy"]
