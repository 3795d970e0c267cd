"""``dilcli apply`` from the words of the command line to the files on the disk."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from dilcli import files
from dilcli.core.boundary import BOUNDARIES
from tests.cli.running import dilcli
from tests.reference import loops, spread_out

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "sample_images"

JSON_KEYS = (
    *("input", "output", "status", "error", "kernel", "dilation", "effective_size", "taps"),
    *("boundary", "response", "shape", "dtype", "frames", "clipped", "clipped_fraction"),
    "seconds",
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work where a.png and rgba.png lie."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (12, 17), np.uint8)).save("a.png")
    rgba = rng.integers(0, 256, (12, 17, 4), np.uint8)
    rgba[3:7, 5:9, 3] = 0
    Image.fromarray(rgba).save("rgba.png")
    return tmp_path


def _pixels(path: str | Path) -> Any:
    return files.read(Path(path)).frames[0]


def _listing() -> list[str]:
    return sorted(str(path) for path in Path().rglob("*"))


# -- the same numbers as SciPy -----------------------------------------------------------------


def _scipy(x: Any, w: Any, d: tuple[int, int], boundary: str, fill: float) -> Any:
    """Correlate with the kernel spread out, moved so that tap j stands at (j - k // 2) * d."""
    dense = spread_out(w, d)
    if any(d[i] * w.shape[i] >= 4 * x.shape[i] for i in (0, 1)):
        return loops(x, w, dilation=d, boundary=boundary, fill=fill)
    origin = [w.shape[i] // 2 * d[i] - dense.shape[i] // 2 for i in (0, 1)]
    return ndimage.correlate(x.astype(float), dense, mode=boundary, cval=fill, origin=origin)


@pytest.mark.parametrize("seed", range(60))
def test_arrays_give_what_scipy_gives_with_the_spread_kernel(seed: int) -> None:
    rng = np.random.default_rng(seed)
    dtype = ("float64", "float32")[seed % 2]
    boundary = BOUNDARIES[seed % 5]
    x = rng.normal(size=rng.integers(1, 45, 2)).astype(dtype)
    w = rng.normal(size=rng.integers(1, 10, 2))
    d, stride = ((int(a), int(b)) for a, b in (rng.integers(1, 10, 2), rng.integers(1, 4, 2)))
    fill = float(rng.normal()) if boundary == "constant" else 0.0
    np.save("x.npy", x)
    np.save("k.npy", w)
    outside = ("--fill", fill) if fill else ()
    done = dilcli(
        *("apply", "x.npy", "-k", "@k.npy", "-d", f"{d[0]}x{d[1]}", "-b", boundary, *outside),
        *("--stride", f"{stride[0]}x{stride[1]}", "--response", "raw", "-o", "y.npy"),
    )
    assert done.code == 0, done.err
    y = np.load("y.npy")
    assert y.dtype == dtype
    size = np.abs(w).sum() * np.abs(x).max()
    wanted = _scipy(x, w, d, boundary, fill)[:: stride[0], :: stride[1]]
    np.testing.assert_allclose(
        y, wanted, rtol=0, atol=(1e-12 if dtype == "float64" else 1e-5) * size
    )


def test_a_row_of_samples_is_filtered_and_one_hole_is_dilation_2() -> None:
    x = np.array([3.0, 1, 4, 1, 5, 9])
    np.save("x.npy", x)
    for words, name in ((("--holes", "1"), "h.npy"), (("-d", "2"), "d.npy")):
        done = dilcli("apply", "x.npy", "-k", "1 2 3", *words, "--response", "raw", "-o", name)
        assert done.code == 0, done.err
    np.testing.assert_array_equal(np.load("h.npy"), np.load("d.npy"))
    wanted = ndimage.correlate1d(x, [1, 0, 2, 0, 3])
    np.testing.assert_allclose(np.load("h.npy"), wanted, rtol=1e-15)


def test_signed_integers_hold_raw_responses() -> None:
    x = np.random.default_rng(0).integers(-500, 500, (9, 8)).astype(np.int16)
    np.save("x.npy", x)
    assert dilcli("apply", "x.npy", "-k", "sobel-y", "--response", "raw", "-o", "y.npy").code == 0
    wanted = ndimage.correlate(x.astype(int), [[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
    np.testing.assert_array_equal(np.load("y.npy"), wanted)


def test_convolve_turns_the_kernel_and_origin_moves_it() -> None:
    np.save("x.npy", np.eye(7)[3])
    assert dilcli("apply", "x.npy", "-k", "1 2 3", "-o", "a.npy").code == 0
    assert dilcli("apply", "x.npy", "-k", "1 2 3", "--convolve", "-o", "b.npy").code == 0
    words = ("--origin", "0,0", "--rate", "2", "-o", "c.npy", "-b", "zero")
    assert dilcli("apply", "x.npy", "-k", "1 2 3", *words).code == 0
    assert np.load("a.npy").tolist() == [0, 0, 3, 2, 1, 0, 0]
    assert np.load("b.npy").tolist() == [0, 0, 1, 2, 3, 0, 0]
    assert np.load("c.npy").tolist() == [0, 2, 0, 1, 0, 0, 0]


def test_weights_are_normalised_then_scaled_and_the_bias_is_in_input_units() -> None:
    np.save("x.npy", np.full((3, 3), 8.0))
    words = ("--normalize", "sum", "--scale", "3", "--bias", "0.5")
    assert dilcli("apply", "x.npy", "-k", "1 3; 2 2", *words, "-o", "y.npy").code == 0
    assert np.unique(np.load("y.npy")).tolist() == [24.5]
    assert dilcli("apply", "x.npy", "-k", "1 -3", "--normalize", "l1", "-o", "z.npy").code == 0
    assert np.unique(np.load("z.npy")).tolist() == [-4]


# -- names, inputs, outputs --------------------------------------------------------------------


def test_without_words_about_names_an_output_stands_beside_its_input() -> None:
    done = dilcli("apply", "a.png", "-k", "sobel-y", "-d", "2")
    assert (done.code, done.out) == (0, b"")
    assert done.err.startswith("a.png -> a_sobel-y_d2.png: 12 x 17 uint8, response abs")
    assert Path("a_sobel-y_d2.png").is_file()


def test_several_inputs_and_rates_make_an_output_each() -> None:
    done = dilcli("apply", "a.png", "rgba.png", "-k", "box", "-d", "1,2x3", "--output-dir", "o/p")
    assert done.code == 0
    assert sorted(path.name for path in Path("o/p").iterdir()) == [
        "a_box_d1.png",
        "a_box_d2x3.png",
        "rgba_box_d1.png",
        "rgba_box_d2x3.png",
    ]
    assert [" -> " in line for line in done.err.splitlines()] == [True] * 4 + [False] * 2
    assert "outputs  4 done, 0 skipped, 0 failed\n" in done.err


def test_combined_rates_make_one_output() -> None:
    for how in ("max", "mean", "sum", "rms", "cascade"):
        words = ("-d", "1,2,4", "--combine", how, "--output-dir", how)
        assert dilcli("apply", "a.png", "-k", "box", *words).code == 0
        assert [path.name for path in Path(how).iterdir()] == ["a_box_d1-2-4.png"]


def test_a_kernel_file_names_its_outputs_by_its_stem_and_weights_in_line_are_custom() -> None:
    np.save("my edge.npy", [[1.0, -1.0]])
    assert dilcli("apply", "a.png", "-k", "@my edge.npy").code == 0
    assert dilcli("apply", "a.png", "-k", "1 -1").code == 0
    assert Path("a_my edge_d1.png").is_file()
    assert Path("a_custom_d1.png").is_file()


def test_a_template_may_use_the_whole_name() -> None:
    Path("o").mkdir()
    assert dilcli("apply", "a.png", "rgba.png", "-k", "box", "-o", "o/{index}_{name}").code == 0
    assert _listing()[-3:] == ["o/0_a.png", "o/1_rgba.png", "rgba.png"]


def test_a_picture_runs_through_a_pipe_in_the_format_it_has_or_is_told() -> None:
    done = dilcli("apply", "-", "-k", "box", "-o", "-", stdin=Path("a.png").read_bytes())
    assert done.code == 0
    assert dilcli("apply", "a.png", "-k", "box", "-o", "b.png").code == 0
    piped = files.read(done.out)
    assert piped.format == "png"
    np.testing.assert_array_equal(piped.frames[0], _pixels("b.png"))
    words = ("-k", "box", "-o", "-", "--format", "tif")
    assert files.read(dilcli("apply", "a.png", *words).out).format == "tiff"
    assert dilcli("apply", "-", "-k", "box", stdin=Path("a.png").read_bytes()).code == 0
    np.testing.assert_array_equal(_pixels("stdin_box_d1.png"), _pixels("b.png"))


def test_an_input_that_fails_leaves_the_others_alone_and_makes_the_exit_code_1() -> None:
    Path("bad.png").write_text("no picture")
    Path("cut.png").write_bytes(Path("a.png").read_bytes()[:100])
    Path("empty.png").touch()
    names = ("bad.png", "cut.png", "empty.png", "no.png", "a.png")
    done = dilcli("apply", *names, "-k", "box", "--output-dir", "o")
    assert done.code == 1
    made, outputs, time, *failures = done.err.splitlines()
    assert made.startswith("a.png -> ")
    assert outputs == "outputs  1 done, 0 skipped, 4 failed"
    assert time.startswith("time ")
    assert "Traceback" not in done.err
    # What failed is said last, a line each.
    for name, line in zip(names, failures, strict=False):
        assert line.startswith(f"Error: {name}: ")
    assert len(failures) == 4
    assert [path.name for path in Path("o").iterdir()] == ["a_box_d1.png"]


def test_an_existing_output_is_an_error_unless_it_is_to_be_replaced_or_skipped() -> None:
    words = ("apply", "a.png", "-k", "box", "-o", "b.png")
    assert dilcli(*words).code == 0
    first = Path("b.png").read_bytes()
    again = dilcli(*words)
    assert (again.code, again.err) == (1, "Error: output exists: b.png (use --overwrite)\n")
    skipped = dilcli(*words, "--skip-existing")
    assert (skipped.code, skipped.err) == (0, "a.png -> b.png: skipped, it exists\n")
    assert dilcli(*words, "-d", "3", "--overwrite").code == 0
    assert Path("b.png").read_bytes() != first


@pytest.mark.parametrize(
    "words",
    [
        ("a.png", "rgba.png", "-k", "box", "-o", "x.png"),
        ("a.png", "-k", "box", "-d", "1,2", "-o", "x.png"),
        ("a.png", "other/a.png", "-k", "box", "--output-dir", "o"),
        ("a.png", "other", "-k", "box", "--output-dir", "o"),
        ("a.png", "-k", "box", "-o", "./a.png"),
        ("a.png", "rgba.png", "-k", "box", "-o", "-"),
    ],
)
def test_outputs_that_collide_are_refused_before_any_work(words: tuple[str, ...]) -> None:
    Path("other").mkdir()
    Path("other/a.png").write_bytes(Path("a.png").read_bytes())
    before = _listing()
    done = dilcli("apply", *words)
    assert done.code == 2
    assert "would" in done.err
    assert _listing() == before


def test_a_file_that_is_named_twice_is_one_input() -> None:
    done = dilcli("apply", "a.png", "./a.png", "-k", "box", "--output-dir", "o", "--json")
    assert (done.code, [record["input"] for record in done.records]) == (0, ["a.png"])


def test_a_dry_run_says_what_it_would_do_and_writes_nothing() -> None:
    before = _listing()
    words = ("a.png", "no.png", "-k", "box", "-d", "1,2", "--output-dir", "o", "--dry-run")
    done = dilcli("apply", *words)
    assert done.code == 1
    assert _listing() == before
    first = done.out.decode().splitlines()[0]
    assert first == (
        "a.png -> o/a_box_d1.png: 12 x 17 uint8, response clip, 9 multiply-adds a sample, "
        "0.0 million in all, 0.0 MiB of pixels"
    )
    assert done.err.count("no.png: No such file") == 2


# -- what is said ------------------------------------------------------------------------------


def test_json_has_the_promised_keys_and_nothing_else_is_on_standard_output() -> None:
    Path("b.png").touch()
    done = dilcli("apply", "a.png", "no.png", "-k", "sobel-y", "-d", "2x3", "--json")
    assert done.code == 1
    good, bad = done.records
    assert tuple(good) == tuple(bad) == JSON_KEYS
    seconds = good.pop("seconds")
    assert 0 < seconds < 60
    clipped = good.pop("clipped")
    assert good.pop("clipped_fraction") == clipped / (12 * 17)
    assert good == {
        "input": "a.png",
        "output": "a_sobel-y_d2x3.png",
        "status": "ok",
        "error": None,
        "kernel": "sobel-y",
        "dilation": [2, 3],
        "effective_size": [5, 7],
        "taps": 6,
        "boundary": "reflect",
        "response": "abs",
        "shape": [12, 17],
        "dtype": "uint8",
        "frames": 1,
    }
    assert bad["status"] == "failed"
    assert bad["error"] == "no.png: No such file or directory"
    assert bad["shape"] is bad["clipped"] is bad["clipped_fraction"] is None
    *summary, said = done.err.splitlines()
    assert said == "Error: no.png: No such file or directory"
    assert [line.split()[0] for line in summary] == ["outputs", "clipped", "time"]
    again = dilcli("apply", "a.png", "-k", "sobel-y", "-d", "2x3", "--json", "--skip-existing")
    assert again.records[0]["status"] == "skipped"


def test_clipped_samples_are_counted_with_the_way_to_keep_them() -> None:
    done = dilcli("apply", "a.png", "-k", "sharpen", "-o", "b.png")
    x = _pixels("a.png").astype(int)
    r = ndimage.correlate(x, [[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
    lost = int(((r < 0) | (r > 255)).sum())
    assert f"response clip; {lost} of 204 samples ({lost / 204:.1%}) clipped" in done.err
    assert "--response offset or minmax, or --depth float" in done.err
    np.testing.assert_array_equal(_pixels("b.png"), np.clip(r, 0, 255))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--response", "ofset"), "Did you mean 'offset'?"),
        (("--depth", "flot"), "Did you mean 'float'?"),
        (("--alpha", "premult"), "Did you mean 'premultiply'?"),
        (("--channels", "lum"), "Did you mean 'luma'?"),
        (("--combine", "cascad"), "Did you mean 'cascade'?"),
        (("--normalize", "summ"), "Did you mean 'sum'?"),
        (("-b", "refelct"), "Did you mean 'reflect'?"),
        (("-b", "circlar"), "Did you mean 'circular'?"),
        (("--format", "tif f"), "Did you mean 'tiff'?"),
        (("--dilaton", "2"), "(Did you mean one of: '--dilation', "),
        (("-k", "gausian"), "did you mean 'gaussian'?"),
        (("-k", "gaussian:sigm=2"), "did you mean 'sigma'?"),
        (("-o", "{stm}.png"), "did you mean {stem}?"),
        (("-o", "x.pngg"), "did you mean .png?"),
    ],
)
def test_a_mistyped_choice_gets_the_nearest_one(words: tuple[str, ...], said: str) -> None:
    done = dilcli("apply", "a.png", "-k", "box", *words)
    assert done.code == 2
    assert said in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-d", "0"), "1 means dense, no holes. Where dilation counts the holes, 0 means dense"),
        (("--rate", "0"), "dilation must be >= 1 (got 0)"),
        (("--holes", "-1"), "holes must be >= 0 (got -1)"),
        (("-d", "1.5"), "'1.5' is not a whole number"),
        (("-d", "1,,2"), "'' is not a whole number"),
        (("-d", "10000000000"), "dilation must be 1 to 1000000000"),
        (("-d", "2", "--holes", "1"), "--dilation and --holes say the same thing"),
        (("-d", "1,1"), "two results of a.png would both write a_box_d1.png"),
        (("--stride", "0"), "must be >= 1 (got 0)"),
        (("--stride", "99999999999999999999"), "stride must be 1 to 1000000000"),
        (("--origin", "5,5"), "origin 5,5 lies outside the 3 x 3 kernel"),
        (("--origin", "1"), "'1' is not a position Y,X"),
        (("-k", "sobel-y", "--normalize", "sum"), "use l1, or none"),
        (("-k", "sobel-y", "--alpha", "premultiply"), "needs a kernel of non-negative weights"),
        (("-k", "1 2; 3"), "row 2 has 1 value, row 1 has 2"),
        (("-k", "@none.npy"), "kernel file none.npy: No such file or directory"),
        (("--scale", "nan"), "not finite"),
        (("--bias", "inf"), "bias must be a finite number"),
        (("--response", "raw", "--depth", "8"), "needs signed or float samples"),
        (("--response", "offset", "--depth", "float"), "use response raw"),
        (("--quality", "0"), "quality 0: must be 1 to 100"),
        (("--compression", "11"), "PNG takes 0 to 9"),
        (("--background", "whit"), "'whit' is not a colour"),
        (("--frames", "3-1"), "'3-1' is not a frame N nor a range N-M"),
        (("--max-pixels", "0"), "0 is not in the range x>=1"),
        (("--json", "-o", "-"), "--json and -o - would both write to standard output"),
        (("--overwrite", "--skip-existing"), "contradict each other"),
        (("--output-dir", "a.png"), "is a file"),
        (("-o", "x"), "no extension names its format"),
        (("-o", "x.png", "--format", "tiff"), "--format tiff is void"),
        (("-o", "{plane}.png"), "{plane} has no value here"),
        (("-", "-"), "standard input can be read once"),
    ],
)
def test_what_is_wrong_with_the_words_is_said_in_one_line_before_any_work(
    words: tuple[str, ...], said: str
) -> None:
    before = _listing()
    done = dilcli("apply", "a.png", "-k", "box", *words)
    assert done.code == 2
    assert [line for line in done.err.splitlines() if line.startswith("Error: ")] == [
        done.err.splitlines()[-1]
    ]
    assert said in done.err
    assert (done.out, _listing()) == (b"", before)


def test_a_kernel_and_an_input_are_asked_for() -> None:
    assert "a kernel is missing: -k SPEC" in dilcli("apply", "a.png").err
    assert "no input is named" in dilcli("apply", "-k", "box").err
    assert dilcli("apply", "-k", "box").code == dilcli("apply", "a.png").code == 2


def test_a_fill_that_the_boundary_has_no_use_for_is_said_and_changes_nothing() -> None:
    done = dilcli("apply", "a.png", "-k", "box", "--fill", "3", "-o", "filled.png")
    dilcli("apply", "a.png", "-k", "box", "-o", "plain.png")
    assert done.code == 0
    assert "--fill 3 is for -b constant; reflect has no use for it" in done.err
    assert np.array_equal(_pixels("filled.png"), _pixels("plain.png"))


def test_kernels_are_listed_shown_and_explained_without_an_input_and_nothing_is_written() -> None:
    before = _listing()
    assert b"sobel-y" in dilcli("apply", "--list-kernels").out
    shown = dilcli("apply", "--show-kernel", "-k", "sobel-y", "-d", "1,2")
    assert shown.out.count(b"effective size") == 2
    words = ("-k", "sobel-y", "--normalize", "l1", "--scale", "2", "-b", "zero", "--fill", "9")
    explained = dilcli("apply", "--explain", *words, "-d", "2x3").out.decode()
    assert "effective size  5 x 7" in explained
    assert "l1              2 " in explained
    assert "constant" in explained
    assert _listing() == before


# -- what is kept ------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", sorted(path.name for path in SAMPLES.glob("*.png")))
def test_identity_gives_every_sample_image_back(sample: str) -> None:
    words = ("-k", "identity", "-d", "7", "-o", "same.png")
    done = dilcli("apply", SAMPLES / sample, *words)
    assert (done.code, "clipped" in done.err) == (0, False)
    before, after = _pixels(SAMPLES / sample), _pixels("same.png")
    assert after.dtype == before.dtype
    np.testing.assert_array_equal(after, before)


def test_hidden_colours_alpha_and_16_bits_survive() -> None:
    assert dilcli("apply", "rgba.png", "-k", "identity", "-o", "same.png").code == 0
    np.testing.assert_array_equal(_pixels("same.png"), _pixels("rgba.png"))
    rng = np.random.default_rng(0)
    deep = rng.integers(0, 65536, (9, 8, 4)).astype(np.uint16)
    picture = files.Picture((deep,), True, "png")
    Path("deep.png").write_bytes(files.encode(picture, "png"))
    assert dilcli("apply", "deep.png", "-k", "identity", "-o", "d.tif").code == 0
    np.testing.assert_array_equal(_pixels("d.tif"), deep)
    done = dilcli("apply", "deep.png", "-k", "box", "--json")
    assert done.records[0]["dtype"] == "uint16"
    made = files.read(Path("deep_box_d1.png"))
    assert made.alpha
    assert made.frames[0].dtype == np.uint16


def test_profile_exif_and_resolution_survive_and_the_orientation_is_applied() -> None:
    sample = SAMPLES / "coast.jpg"
    with Image.open(sample) as image:
        turned = image.getexif()[274]
        width, height = image.size
        profile = image.info.get("icc_profile")
    assert turned == 6
    done = dilcli("apply", sample, "-k", "box", "-o", "c.jpg")
    assert "note: EXIF orientation 6 applied" in done.err
    with Image.open("c.jpg") as image:
        assert image.size == (height, width)
        assert image.getexif()[274] == 1
        assert image.info.get("icc_profile") == profile
    assert dilcli("apply", sample, "-k", "box", "-o", "s.jpg", "--strip-metadata").code == 0
    with Image.open("s.jpg") as image:
        assert image.size == (height, width)
        assert not dict(image.getexif())


def _animate(name: str) -> list[int]:
    durations = [40, 120, 300]
    frames = [Image.new("RGB", (6, 5), (value, 9, 200 - value)) for value in (0, 90, 200)]
    frames[0].save(name, save_all=True, append_images=frames[1:], duration=durations, loop=2)
    return durations


@pytest.mark.parametrize("name", ["m.gif", "m.png", "m.webp"])
def test_an_animation_keeps_its_frames_durations_and_loop(name: str) -> None:
    durations = _animate(name)
    before = files.read(Path(name))
    done = dilcli("apply", name, "-k", "box", "-o", "{stem}2{ext}", "--json")
    assert done.code == 0, done.err
    assert done.records[0]["frames"] == 3
    after = files.read(Path(name.replace("m.", "m2.")))
    assert list(after.metadata.durations) == durations
    assert after.metadata.loop == before.metadata.loop
    one = dilcli("apply", name, "-k", "box", "-o", "f.png", "--frames", "1", "--json")
    assert one.records[0]["frames"] == 1
    assert dilcli("apply", name, "-k", "box", "-o", "e{frame}.png").code == 0
    assert sorted(path.name for path in Path().glob("e*")) == ["e0.png", "e1.png", "e2.png"]


def test_what_a_format_cannot_hold_is_refused_with_the_remedy() -> None:
    pages = [Image.new("L", (4, 3), value) for value in (1, 2)]
    pages[0].save("m.tif", save_all=True, append_images=pages[1:])
    for words, said in (
        (("rgba.png", "-o", "x.jpg"), "--background COLOR"),
        (("a.png", "-o", "x.png", "--depth", "float"), "--depth 8 or 16"),
        (("m.tif", "-o", "x.jpg"), "--frames 0"),
        (("a.png", "-o", "y.png", "--response", "raw"), "use --depth float with an output in"),
        (("a.png", "-o", "y.png", "--frames", "3"), "no frame 3: there is frame 0 only"),
    ):
        done = dilcli("apply", "-k", "box", *words)
        assert done.code == 1
        assert said in done.err
        assert not list(Path().glob("[xy].*"))


def test_a_background_makes_a_jpeg_of_a_picture_with_alpha() -> None:
    words = ("-k", "identity", "--background", "#ff0000", "-o", "x.png")
    assert dilcli("apply", "rgba.png", *words).code == 0
    assert _pixels("x.png")[4, 6].tolist() == [255, 0, 0]
    words = ("-k", "box", "--background", "white", "-o", "x.jpg")
    assert dilcli("apply", "rgba.png", *words).code == 0


def test_luma_linear_and_depth_reach_the_picture() -> None:
    words = ("--channels", "luma", "--linear", "--alpha", "drop", "--depth", "16", "-o", "x.png")
    done = dilcli("apply", "rgba.png", "-k", "box", *words, "--json")
    assert done.code == 0, done.err
    assert done.records[0]["shape"] == [12, 17]
    assert done.records[0]["dtype"] == "uint16"


def test_an_array_of_one_channel_may_become_a_picture() -> None:
    np.save("x.npy", np.arange(60, dtype=np.uint8).reshape(6, 10, 1))
    assert dilcli("apply", "x.npy", "-k", "identity", "-o", "y.png").code == 0
    assert _pixels("y.png").ravel().tolist() == list(range(60))


# -- the process -------------------------------------------------------------------------------


def _process(*words: str, **settings: Any) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "dilcli", *words],
        env=environment,
        stderr=subprocess.PIPE,
        **settings,
    )


def test_an_interrupted_run_ends_with_130_and_leaves_no_half_file() -> None:
    np.save("big.npy", np.zeros((6000, 6000), np.float32))
    words = ("apply", "a.png", "big.npy", "-k", "disk:radius=25", "-d", "3", "--output-dir", "o")
    process = _process(*words)
    assert process.stderr is not None
    assert process.stderr.readline().startswith(b"a.png -> ")
    process.send_signal(signal.SIGINT)
    said = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait() == 130
    outputs, time, last = filter(None, said.splitlines())
    assert outputs == "outputs  1 done, 0 skipped, 0 failed, 1 not tried"
    assert time.startswith("time ")
    assert last == "Interrupted"
    assert [path.name for path in Path("o").iterdir()] == ["a_disk_d3.png"]


def test_a_reader_that_goes_away_ends_the_run_without_a_traceback() -> None:
    end, start = os.pipe()
    os.close(end)
    process = _process("apply", "a.png", "rgba.png", "-k", "box", "--json", stdout=start)
    os.close(start)
    _, said = process.communicate()
    assert process.returncode == 1
    assert [line.split()[0] for line in said.splitlines()] == [b"outputs", b"time"]


def test_a_name_that_is_no_text_is_written_as_json_and_as_text() -> None:
    name = os.fsdecode(b"n\xff.png")
    try:
        Path(name).write_bytes(Path("a.png").read_bytes())
    except OSError:
        pytest.skip("this file system wants text for names")
    done = dilcli("apply", name, "-k", "box", "--json")
    assert done.code == 0
    assert json.loads(done.out)["input"] == name
    assert done.out.isascii()
    assert dilcli("apply", name, "-k", "box", "--dry-run", "--overwrite").code == 0


def test_the_terminal_never_gets_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = SimpleNamespace(stdout=SimpleNamespace(isatty=lambda: True), argv=["dilcli"])
    monkeypatch.setattr("dilcli.cli.run.sys", terminal)
    done = dilcli("apply", "a.png", "-k", "box", "-o", "-")
    assert (done.code, done.out) == (2, b"")
    assert "not written to a terminal" in done.err


# -- streams that break, and inputs that can be read once ----------------------------------------


def _in_a_shell(line: str) -> subprocess.CompletedProcess[str]:
    script = f'dilcli() {{ "{sys.executable}" -m dilcli "$@"; }}\n{line}'
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=False, env=environment
    )


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("dilcli apply a.png -k box -o - > /dev/full", 1, "Error: standard output: No space left"),
        ("dilcli apply a.png -k box --json > /dev/full", 1, "standard output: No space left"),
        ("dilcli apply - -k box -o b.png <&-", 2, "standard input is closed"),
        ("dilcli apply a.png -k box -o - >&-", 2, "standard output is closed"),
    ],
)
def test_a_stream_that_is_full_or_closed_is_one_line(line: str, code: int, said: str) -> None:
    if "/dev/full" in line and not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full to stand for a full disk")
    done = _in_a_shell(line)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_pipe_is_read_once_whatever_its_name_and_the_names_of_its_outputs() -> None:
    os.mkfifo("pipe")
    done = _in_a_shell("cat a.png > pipe & dilcli apply pipe -k identity -o 'p_{frame}.png'")
    assert done.returncode == 0, done.stderr
    assert np.array_equal(_pixels("p_0.png"), _pixels("a.png"))


def test_a_fill_that_the_sums_cannot_hold_is_refused() -> None:
    done = dilcli("apply", "a.png", "-k", "box", "-b", "constant", "--fill", "1e39")
    assert done.code == 1
    assert "fill 1e+39 does not fit into float32 samples" in done.err


def test_a_name_that_breaks_lines_does_not_break_a_message() -> None:
    done = dilcli("apply", "no\nsuch\x1b.png", "-k", "box")
    assert done.err == "Error: no\\nsuch\\x1b.png: No such file or directory\n"
    globbed = dilcli("apply", "no\nsuch\x1b[31m.png", "-k", "box")
    assert globbed.err.endswith(": no file matches 'no\\nsuch\\x1b[31m.png'\n")
    assert globbed.err.count("\n") == 1
    assert "the name of an input is empty" in dilcli("apply", "", "-k", "box").err


@pytest.mark.parametrize(
    ("words", "ahead"),
    [
        ((), ["one.png"]),
        (("--max-pixels", "1000000"), ["one.png"]),
        (("--dry-run",), []),
        (("--memory-limit", "100MB"), []),
        (("--explain",), []),
        (("two.png",), []),
    ],
)
def test_a_picture_that_is_alone_is_decoded_while_the_program_is_loaded(
    words: tuple[str, ...], ahead: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("one.png", "two.png"):
        Image.fromarray(np.zeros((4, 5), np.uint8)).save(name)
    begun: list[str] = []
    monkeypatch.setattr("dilcli.files.ahead.begin", lambda path, _: begun.append(path))
    done = dilcli("apply", "one.png", *words, "-k", "box", "--output-dir", "out")
    assert done.code == 0, done.err
    assert begun == ahead
