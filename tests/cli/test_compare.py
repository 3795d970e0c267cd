"""``dilcli compare`` from the words of the command line to its tables, files and exit codes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dilcli import files
from dilcli.core import two_ways
from dilcli.core.resample import decimate
from tests.cli.running import dilcli

ROOT = Path(__file__).parents[2]
CAT = ROOT / "sample_images" / "cat.png"
CASES = json.loads((ROOT / "tests" / "data" / "compare_cases.json").read_text())["cases"]
SOBEL = ("-k", "sobel-y")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder that holds a small picture."""
    monkeypatch.chdir(tmp_path)
    np.save("small.npy", np.random.default_rng(0).integers(0, 256, (24, 30)).astype(np.float32))
    return tmp_path


def records(*words: object, code: int = 0, stdin: bytes = b"") -> list[dict[str, Any]]:
    done = dilcli("compare", *words, "--json", stdin=stdin)
    assert done.code == code, done.err
    return done.records


def record(*words: object, stdin: bytes = b"") -> dict[str, Any]:
    (found,) = records(*words, stdin=stdin)
    return found


def way(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in found["ways"] if each["name"] == name)


def refused(*words: object) -> str:
    """Give the message of a wrong call: one line, after Click's two."""
    done = dilcli("compare", *words)
    assert (done.code, done.out) == (2, b""), done.err
    usage, hint, blank, message = done.err.splitlines()
    assert (usage[:6], hint[:4], blank) == ("Usage:", "Try ", "")
    return message


def failed(*words: object) -> str:
    done = dilcli("compare", *words)
    assert (done.code, done.out) == (1, b""), done.err
    (line,) = done.err.splitlines()
    return line


def case_words(case: dict[str, Any]) -> tuple[object, ...]:
    kernel = "; ".join(" ".join(map(repr, row)) for row in case["kernel"])
    np.save("case.npy", np.array(case["input"]))
    assert case["op"] == "correlation"
    return ("case.npy", "-k", kernel, "-d", case["rate"], "-b", case["boundary"])


@pytest.mark.parametrize(
    "case", CASES, ids=lambda c: f"{c['shape'][0]}x{c['shape'][1]}r{c['rate']}{c['boundary']}"
)
def test_published_cases_have_their_numbers(case: dict[str, Any]) -> None:
    words = case_words(case)
    exact = record(*words, "--check", "--diff", "d.tif")
    assert exact["identity"]["max_abs_diff"] == case["max_abs_diff_at_samples_pad_first"] == 0
    assert exact["size"] == case["shape"]
    implant = way(exact, "implant")
    assert implant["coverage"] == pytest.approx(case["coverage"])
    # Between the samples, implanting leaves all of the dilated response as its difference.
    page = files.read("d.tif").frames[1]
    between = np.ones(page.shape, bool)
    between[:: case["rate"], :: case["rate"]] = False
    assert np.array_equal(-page[between], np.array(case["dilated"], np.float32)[between])
    small = record(*words, "--border", "decimate-first")
    wanted = case["max_abs_diff_at_samples_decimate_first"]
    assert small["identity"]["max_abs_diff"] == wanted
    assert small["identity"]["exact"] is (wanted == 0)
    assert implant["errors"]["sampled"] == 0
    assert way(small, "implant")["errors"]["sampled"] == wanted


def test_the_table_is_on_standard_output_with_the_identity_below() -> None:
    done = dilcli("compare", CAT, "-k", "gaussian-dy", "-d", 2)
    assert (done.code, done.err) == (0, "")
    assert "\nidentity: 33900 sampled positions, exact\n" in done.out.decode()


def test_dilation_is_2_unless_it_is_said_under_one_of_three_names() -> None:
    assert record("small.npy", *SOBEL)["dilation"] == [2, 2]
    for words in (("-d", "3x2"), ("--rate", "3x2"), ("--holes", "2x1")):
        assert record("small.npy", *SOBEL, *words)["dilation"] == [3, 2]
    assert "give one of them" in refused("small.npy", *SOBEL, "-d", 2, "--holes", 1)


def test_several_rates_are_several_runs_with_an_object_each() -> None:
    found = records("small.npy", *SOBEL, "-d", "1,2,3x4,2")
    assert [each["dilation"] for each in found] == [[1, 1], [2, 2], [3, 4]]
    assert all(each["identity"]["exact"] for each in found)
    text = dilcli("compare", "small.npy", *SOBEL, "-d", "2,3").out.decode()
    assert text.count("identity: ") == 2
    assert "\n\nsmall.npy: sobel-y 3x3 at dilation 3 (7x7)\n" in text


def test_standard_input_is_compared_too() -> None:
    data = Path("small.npy").read_bytes()
    found, other = record("-", *SOBEL, stdin=data), record("small.npy", *SOBEL)
    assert found["input"] == "-"
    assert found["identity"] == other["identity"]


def test_luma_is_compared_unless_all_channels_are_asked_for() -> None:
    luma, every = record(CAT, *SOBEL), record(CAT, *SOBEL, "--channels", "all")
    assert (luma["channels"], every["channels"]) == ("luma", "all")
    assert way(luma, "nearest")["rmse"] != way(every, "nearest")["rmse"]


def test_ways_are_chosen_and_always_in_one_order() -> None:
    found = record("small.npy", *SOBEL, "--upsample", "bicubic,implant", "--cost", "naive,dense")
    names = [each["name"] for each in found["ways"]]
    assert names == ["dilated", "implant", "bicubic", "dense", "naive"]
    assert way(found, "naive")["macs_per_pixel"] == 25
    assert way(found, "naive")["max_abs_diff"] == pytest.approx(0, abs=1e-3)
    assert way(found, "dilated")["macs_per_pixel"] == way(found, "dense")["macs_per_pixel"] == 9


def test_all_phases_give_the_dilated_response() -> None:
    found = record("small.npy", *SOBEL, "--phases", "all", "--check")
    assert found["identity"]["positions"] == 24 * 30
    assert way(found, "implant")["identical"] is True
    assert way(found, "implant")["coverage"] == 1


def test_other_options_come_to_effect() -> None:
    plain = record("small.npy", "-k", "1 2 3; 4 5 6", "-b", "constant")
    for words in (
        ("--fill", 9),
        ("--origin", "0,0"),
        ("--convolve",),
        ("--align", "half-pixel"),
        ("--prefilter", "gaussian:sigma=0.7"),
        ("--border", "decimate-first", "--fill", 9),
    ):
        other = record("small.npy", "-k", "1 2 3; 4 5 6", "-b", "constant", *words)
        assert way(other, "bilinear")["rmse"] != way(plain, "bilinear")["rmse"], words
        assert other["identity"]["exact"] is True


def test_a_prefilter_splits_the_error_and_keeps_the_identity() -> None:
    for name in ("gaussian", "box", "b3"):
        found = record("small.npy", *SOBEL, "--prefilter", name, "--check")
        bilinear = way(found, "bilinear")
        assert found["prefilter"] == name
        assert min(bilinear["prefilter_error"], bilinear["interpolation_error"]) > 0
        assert bilinear["errors"]["sampled"] > 0


def test_check_holds_or_exits_with_3(monkeypatch: pytest.MonkeyPatch) -> None:
    assert dilcli("compare", "small.npy", *SOBEL, "--check").code == 0
    monkeypatch.setattr(two_ways, "decimate", lambda *a, **k: decimate(*a, **k) + 1)
    done = dilcli("compare", "small.npy", "-k", "box", "--check")
    assert done.code == 3
    assert done.err == "check failed: the identity is not exact at dilation 2x2\n"
    assert "max |diff|" in done.out.decode()
    assert dilcli("compare", "small.npy", "-k", "box").code == 0


def test_check_and_all_phases_are_refused_where_the_small_picture_is_continued() -> None:
    for words in (("--check",), ("--phases", "all")):
        message = refused("small.npy", *SOBEL, "--border", "decimate-first", *words)
        assert f"{' '.join(words)} needs --border pad-first" in message


def test_fail_if_exits_with_3_and_says_which_held() -> None:
    done = dilcli(
        *("compare", "small.npy", *SOBEL, "-d", "2,3", "--fail-if", "bicubic.psnr>1000"),
        *("--fail-if", "implant.coverage<25%"),
    )
    assert done.code == 3
    (line,) = done.err.splitlines()
    assert line.startswith("fail-if implant.coverage<25%: implant.coverage is 0.1")
    assert line.endswith("at dilation 3x3")
    assert dilcli("compare", "small.npy", *SOBEL, "--fail-if", "psnr<0").code == 0
    found = records("small.npy", *SOBEL, "--fail-if", "psnr<1000", code=3)
    assert len(found) == 1


def test_below_seven_pixels_ssim_is_null_and_the_run_goes_on() -> None:
    np.save("tiny.npy", np.arange(30.0).reshape(5, 6) ** 2)
    done = dilcli("compare", "tiny.npy", *SOBEL, "--json")
    assert done.code == 0
    assert done.err.startswith("note: tiny.npy: SSIM needs 7 x 7 pixels")
    assert [each["ssim"] for each in done.records[0]["ways"]] == [None] * 5


def test_figure_differences_and_animation_are_written() -> None:
    words = ("small.npy", *SOBEL, "-o", "f.png", "--diff", "d.tif", "--animation", "a.gif")
    assert dilcli("compare", *words).code == 0
    assert files.inspect("f.png").shape[2] == 3
    assert files.inspect("d.tif").frames == 5
    assert files.inspect("a.gif").frames > 10
    assert len(list(Path().iterdir())) == 4
    assert "output exists: f.png" in failed(*words)
    assert dilcli("compare", *words, "--overwrite").code == 0


def test_several_rates_need_names_that_tell_them_apart() -> None:
    assert "{dilation}" in refused("small.npy", *SOBEL, "-d", "2,3", "-o", "f.png")
    assert "{dilation}" in refused("small.npy", *SOBEL, "-d", "2,3", "--diff", "d.tif")
    words = ("-d", "2,3x2", "-o", "f{dilation}.png", "--diff", "{stem}{dilation}.tif")
    assert dilcli("compare", "small.npy", *SOBEL, *words).code == 0
    assert {path.name for path in Path().iterdir()} == {
        *("small.npy", "f2.png", "f3x2.png", "small2.tif", "small3x2.tif")
    }


def test_the_figure_may_go_to_standard_output_alone() -> None:
    done = dilcli("compare", "small.npy", *SOBEL, "-o", "-")
    assert done.code == 0
    assert Image.open(io.BytesIO(done.out)).format == "PNG"
    assert "--json and -o -" in refused("small.npy", *SOBEL, "-o", "-", "--json")


def test_panels_and_zoom_choose_what_is_drawn() -> None:
    few = ("--panels", "dilated,difference", "--zoom", "2,3,12x16")
    for name, words in (("all.png", ()), ("few.png", few)):
        assert dilcli("compare", "small.npy", *SOBEL, "-o", name, *words).code == 0
    assert files.inspect("few.png").shape[1] < files.inspect("all.png").shape[1]
    message = refused("small.npy", *SOBEL, "-o", "f.png", "--zoom", "20,3,12x16")
    assert "does not lie in the picture" in message
    assert "no use without -o" in refused("small.npy", *SOBEL, "--zoom", "1,1,2x2")
    nearest = ("-o", "f.png", "--upsample", "nearest", "--panels")
    assert "add it to --upsample" in refused("small.npy", *SOBEL, *nearest, "bicubic")
    assert "add it to --cost" in refused("small.npy", *SOBEL, *nearest, "dense")
    assert dilcli("compare", "small.npy", *SOBEL, *nearest, "nearest").code == 0


def test_what_is_wrong_is_said_before_any_work() -> None:
    assert "a kernel is missing" in refused("small.npy")
    assert "is empty" in refused("", *SOBEL)
    assert "bilinear is not among the ways" in refused(
        *("small.npy", *SOBEL, "--upsample", "nearest", "--fail-if", "bilinear.psnr<40")
    )
    assert "lies outside" in refused("small.npy", *SOBEL, "--origin", "9,9")
    assert "holds no animation" in failed("small.npy", *SOBEL, "--animation", "a.jpg")
    assert "No such file" in failed("none.png", *SOBEL)
    assert "is the input" in refused("small.npy", *SOBEL, "--diff", "small.npy", "--overwrite")
    assert list(Path().iterdir()) == [Path("small.npy")]


def test_a_missing_input_is_named_though_an_output_exists() -> None:
    Path("f.png").write_bytes(b"")
    assert "none.png" in failed("none.png", *SOBEL, "-o", "f.png", "--overwrite")


def test_a_fill_that_has_no_use_is_said() -> None:
    done = dilcli("compare", "small.npy", *SOBEL, "--fill", 3)
    assert done.code == 0
    assert done.err == "note: --fill 3 is for -b constant; reflect has no use for it\n"


@pytest.mark.parametrize(("upsample", "loads"), [("implant,nearest,bilinear", ()), ("bicubic", 1)])
def test_scipy_is_loaded_for_the_spectrum_and_bicubic_alone(upsample: str, loads: Any) -> None:
    script = (
        "import sys\nfrom dilcli.cli import main\n"
        f"try: main(['compare', 'small.npy', '-k', 'box', '--upsample', {upsample!r}])\n"
        "except SystemExit: pass\n"
        "print('scipy.ndimage' in sys.modules, 'PIL' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )
    assert done.stderr.split() == [str(bool(loads)), "False"]
