"""``dilcli atrous decompose`` from the words of the command line to the files of the planes."""

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

from dilcli import files, starlet
from dilcli.features.machine import BASE
from tests.cli.running import dilcli
from tests.starlet_cases import atrous, starlet_settings

ROOT = Path(__file__).parents[2]
CAT = ROOT / "sample_images" / "cat.png"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder that holds a small picture of each kind."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (20, 30), np.uint8)).save("gray.png")
    Image.fromarray(rng.integers(0, 65536, (20, 30), np.uint16)).save("deep.png")
    Image.fromarray(rng.integers(0, 256, (20, 30, 4), np.uint8)).save("alpha.png")
    np.save("real.npy", rng.normal(size=(20, 30)).astype(np.float32))
    return tmp_path


def done(*words: object, stdin: bytes = b"") -> str:
    """Give what is said on standard error about a run that goes well."""
    result = dilcli("atrous", "decompose", *words, stdin=stdin)
    assert result.code == 0, result.err
    return result.err


def record(*words: object, stdin: bytes = b"") -> dict[str, Any]:
    (found,) = dilcli("atrous", "decompose", *words, "--json", stdin=stdin).records
    return found


def refused(*words: object, code: int = 2) -> str:
    before = sorted(Path().rglob("*"))
    result = dilcli("atrous", "decompose", *words)
    assert (result.code, result.out) == (code, b""), result.err
    assert sorted(Path().rglob("*")) == before, "nothing was written"
    *usage, message = result.err.splitlines()
    assert len(usage) == (3 if code == 2 else 0)
    return message


def read(name: object) -> np.ndarray[Any, np.dtype[Any]]:
    return files.read(Path(str(name))).frames[0]


def names() -> set[str]:
    return {path.name for path in Path().iterdir()}


@pytest.mark.parametrize("case", atrous()["cases"], ids=lambda case: case["name"])
def test_each_case_of_the_reference_is_met_through_files(case: dict[str, Any]) -> None:
    np.save("in.npy", np.array(case["input"], float))
    settings = starlet_settings(case)
    found = record(
        *("in.npy", "-J", case["levels"], "-o", "{stem}_{plane}.npy"),
        *("--kernel", settings["kernel"], "-b", settings["boundary"]),
        *("--generation", settings["generation"]),
    )
    planes = [np.load(path) for path in found["planes"]]
    for plane, wanted in zip(planes, [*case["details"], case["residual"]], strict=True):
        np.testing.assert_allclose(plane, wanted, rtol=0, atol=1e-9)
    assert found["max_abs_diff"] == 0


def test_planes_are_float_tiffs_beside_the_input_with_a_record_and_a_proof() -> None:
    before = names()
    result = dilcli("atrous", "decompose", "gray.png", "-J", 2)
    assert result.out == b"planes sum to the input: max |diff| 0\n"
    assert result.err == (
        "gray.png -> gray_w1.tif ... gray_c2.tif: 20 x 30 float32, planes, 2 levels\n"
    )
    made = {"gray_w1.tif", "gray_w2.tif", "gray_c2.tif", "gray_c2.tif.json"}
    assert names() - before == made
    wanted = starlet(read("gray.png"), 2)
    for name, plane in zip(("w1", "w2", "c2"), wanted, strict=True):
        np.testing.assert_array_equal(read(f"gray_{name}.tif"), plane.astype(np.float32))


def test_the_second_generation_rebuilds() -> None:
    result = dilcli("atrous", "decompose", "deep.png", "--generation", 2)
    assert result.out == b"planes rebuild the input: max |diff| 0\n"


def test_standard_input_and_a_folder_to_be_made() -> None:
    found = record("-", "-J", 1, "--output-dir", "new/deep", stdin=Path("gray.png").read_bytes())
    assert found["planes"] == ["new/deep/stdin_w1.tif", "new/deep/stdin_c1.tif"]
    assert Path(found["sidecar"]).is_file()


def test_planes_of_sixteen_bits_lie_around_mid_grey_and_say_when_they_are_not_exact() -> None:
    found = record("gray.png", "-J", 2, "-o", "{stem}_{plane}.png")
    assert (found["samples"], found["offset"], found["gain"]) == ("uint16", 32768, 32767 / 255)
    assert (found["max_abs_diff"], found["notes"]) == (0, [])
    wanted = np.rint(starlet(read("gray.png"), 2)[0] * (32767 / 255)) + 32768
    np.testing.assert_array_equal(read("gray_w1.png"), wanted)
    deep = record("deep.png", "-J", 2, "-o", "{stem}_{plane}.png")
    assert deep["max_abs_diff"] > 0
    assert deep["notes"] == [
        "planes of uint16 do not give the input back exactly; --planes float32 is finer"
    ]


def test_sixteen_bits_fit_planes_that_leave_the_range_of_the_picture() -> None:
    kernel = ("-k", "-1 4 -1 / 2", "-J", 2, "--planes", "uint16")
    found = record("real.npy", *kernel, "-o", "{stem}_{plane}.tif")
    largest = max(np.abs(read(path).astype(float) - 32768).max() for path in found["planes"])
    assert largest == 32767
    assert found["max_abs_diff"] < 1e-2


def test_a_stack_has_the_planes_as_pages() -> None:
    found = record("gray.png", "-J", 3, "--stack")
    assert found["planes"] == ["gray_planes.tif"]
    pages = files.read(Path("gray_planes.tif")).frames
    np.testing.assert_array_equal(pages, starlet(read("gray.png"), 3).astype(np.float32))
    assert found["sidecar"] == "gray_planes.tif.json"


@pytest.mark.parametrize("stack", [False, True])
def test_alpha_is_a_file_of_its_own(*, stack: bool) -> None:
    found = record("alpha.png", "-J", 1, *["--stack"] * stack)
    assert found["alpha"] == ("alpha_planes_alpha.tif" if stack else "alpha_alpha.tif")
    np.testing.assert_array_equal(read(found["alpha"]), read("alpha.png")[..., 3])
    assert read(found["planes"][0]).shape == (20, 30, 3)


def test_the_record_says_how_planes_were_made() -> None:
    words = ("gray.png", "-J", 1, "-k", "linear", "-b", "zero", "--fill", 3)
    found = json.loads(Path(record(*words)["sidecar"]).read_text())
    wanted = {
        "taps": [0.25, 0.5, 0.25],
        "levels": 1,
        "generation": 1,
        "boundary": "constant",
        "fill": 3,
        "dtype": "uint8",
        "shape": [20, 30],
        "files": ["gray_w1.tif", "gray_c1.tif"],
    }
    assert {name: found[name] for name in wanted} == wanted


def test_outputs_that_exist_are_refused_before_any_work_and_replaced_if_asked() -> None:
    for name in ("gray_w2.tif", "gray_c2.tif.json"):
        Path(name).write_text("mine")
        said = refused("gray.png", "-J", 2, code=1)
        assert said.endswith(f"output exists: {name} (use --overwrite)")
        assert Path(name).read_text() == "mine"
        done("gray.png", "-J", 2, "--overwrite")
        for path in Path().glob("gray_*"):
            path.unlink()


def test_depth_beyond_the_picture_is_noted_and_done() -> None:
    found = record("gray.png", "-J", 5)
    assert found["max_abs_diff"] == 0
    assert "2^5 = 32 exceeds the shorter side of 20" in found["notes"][0]
    assert record("gray.png", "-J", 4, "--output-dir", "four")["notes"] == []
    assert record("gray.png", "-J", 70, "--stack", "--output-dir", "deep")["max_abs_diff"] == 0


@pytest.fixture
def animation(folder: Path) -> list[np.ndarray[Any, np.dtype[Any]]]:
    """Write a GIF of three frames, and give the colours that are read of it."""
    rng = np.random.default_rng(1)
    frames = [Image.fromarray(rng.integers(0, 256, (6, 8), np.uint8)) for _ in range(3)]
    frames[0].save("a.gif", save_all=True, append_images=frames[1:], duration=[50, 70, 90], loop=2)
    return [frame[..., :3] for frame in files.read(folder / "a.gif").frames]


def test_each_plane_of_an_animation_is_a_tiff_of_as_many_pages(animation: list[Any]) -> None:
    found = record("a.gif", "-J", 2)
    assert found["frames"] == [0, 1, 2]
    assert found["max_abs_diff"] == 0
    planes = [files.read(Path(name)).frames for name in found["planes"]]
    for number, frame in enumerate(animation):
        wanted = starlet(frame, 2).astype(np.float32)
        np.testing.assert_array_equal([plane[number] for plane in planes], wanted)
    said = json.loads(Path(found["sidecar"]).read_text())
    assert (said["frames"], said["durations"]) == (3, [50, 70, 90])
    assert said["loop"] == files.read(Path("a.gif")).metadata.loop


def test_a_stack_holds_the_planes_of_one_frame_after_another(animation: list[Any]) -> None:
    found = record("a.gif", "-J", 2, "--stack", "-o", "s.tif")
    pages = files.read(Path("s.tif")).frames
    wanted = np.concatenate([starlet(frame, 2).astype(np.float32) for frame in animation])
    np.testing.assert_array_equal(pages, wanted)
    assert found["stack"]


def test_frames_have_files_and_records_of_their_own_if_the_template_says_so(
    animation: list[Any],
) -> None:
    names = ("-o", "{stem}_{frame}_{plane}.npy")
    found = record("a.gif", "-J", 1, *names, "--frames", "0,2", "--montage", "sheet.png")
    assert found["frames"] == [0, 2]
    assert found["planes"] == ["a_0_w1.npy", "a_0_c1.npy", "a_2_w1.npy", "a_2_c1.npy"]
    assert found["sidecar"] == ["a_0_c1.npy.json", "a_2_c1.npy.json"]
    assert "the montage shows frame 0 of 2" in found["notes"]
    np.testing.assert_array_equal(np.load("a_2_w1.npy"), starlet(animation[2], 1)[0])


def test_some_frames_may_be_chosen_and_some_forms_hold_one_only(animation: list[Any]) -> None:
    said = refused("a.gif", "-J", 1, "-o", "{stem}_{plane}.npy", code=1)
    assert said == (
        "Error: a.gif: a_w1.npy: a plane of 3 frames is pages of a TIFF; use a .tif, --frames 0 "
        "for the first one, or {frame} in the output's name"
    )
    assert "a.gif: no frame 3: there are frames 0 to 2" in refused("a.gif", "--frames", 3, code=1)
    assert "not a frame" in refused("a.gif", "--frames", "one")
    found = record("a.gif", "-J", 1, "-o", "{stem}_{plane}.npy", "--frames", 1)
    np.testing.assert_array_equal(np.load("a_w1.npy"), starlet(animation[1], 1)[0])
    assert json.loads(Path(found["sidecar"]).read_text())["durations"] == []


def test_the_levels_say_what_each_plane_holds() -> None:
    found = record("gray.png", "-J", 2)
    wanted = starlet(read("gray.png"), 2)
    for level, plane in zip(found["levels"], wanted, strict=True):
        assert (level["min"], level["max"]) == (plane.min(), plane.max())
        assert level["energy"] == pytest.approx(np.mean(plane**2))
    assert [(level["plane"], level["level"]) for level in found["levels"]] == [
        ("w1", 1),
        ("w2", 2),
        ("c2", None),
    ]


@pytest.mark.parametrize("generation", [1, 2])
@pytest.mark.parametrize("form", ["float32", "uint16", "npy", "stack"])
def test_little_memory_makes_the_same_planes(generation: int, form: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 65536, (500, 2000), np.uint16)
    data = files.encode(files.Picture((pixels,), alpha=False, format="tiff"), "tiff")
    Path("big.tif").write_bytes(data)
    words = ("--stack",) if form == "stack" else ("--planes", form)
    settings = ("big.tif", "-J", 3, "-b", "mirror", "--generation", generation, *words)
    large = record(*settings, "--output-dir", "large", "-j", 1)
    # So that all there is beside the process is a few megabytes.
    least = BASE + (8 << 20) + 16_000_000
    small = record(*settings, "--output-dir", "small", "--memory-limit", least, "-j", 1)
    for one, other in zip(large["planes"], small["planes"], strict=True):
        for plane, same in zip(
            files.read(Path(one)).frames, files.read(Path(other)).frames, strict=True
        ):
            np.testing.assert_array_equal(plane, same)
    assert small["max_abs_diff"] == large["max_abs_diff"]
    assert small["levels"] == large["levels"]


PEAK = """
import re, sys
from dilcli.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    status = open("/proc/self/status").read()
    print(end.code, int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) * 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="the peak is read on Linux")
@pytest.mark.parametrize("generation", [1, 2])
def test_the_peak_stays_below_the_limit(generation: int) -> None:
    # One plane of real numbers is 72 MB.
    np.save("large.npy", np.random.default_rng(0).integers(0, 256, (1500, 6000), np.uint8))
    words = ["atrous", "decompose", "large.npy", "-J", "3", "--generation", str(generation)]
    limit = 140_000_000
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *words, "-j", "2", "--memory-limit", str(limit)],
        capture_output=True,
        text=True,
        check=True,
    )
    said, peak = done.stdout.splitlines()
    assert said.endswith("the input: max |diff| 0")
    code, most = map(int, peak.split())
    assert code == 0
    assert most < limit


def test_too_little_memory_is_refused_with_what_would_do() -> None:
    said = refused("gray.png", "--memory-limit", "1MB", code=1)
    assert "raise it by" in said or "raise --memory-limit by" in said
    done("gray.png", "--memory-limit", "200MB")


def test_a_montage_makes_its_folder_in_the_output_folder() -> None:
    found = record("gray.png", "-J", 1, "--output-dir", "new", "--montage", "new/er/sheet.png")
    assert read(found["montage"]).shape[2] == 3
    assert "does not exist" in refused("gray.png", "--montage", "no/sheet.png", code=1)


def test_samples_that_are_not_finite_are_said_to_be_lost() -> None:
    pixels = np.ones((9, 9))
    pixels[4, 4] = np.nan
    np.save("holes.npy", pixels)
    result = dilcli("atrous", "decompose", "holes.npy", "-J", 1)
    assert (result.code, result.out) == (0, b"planes sum to the input: max |diff| not finite\n")
    assert "not finite" in result.err
    assert "not finite" in refused(
        *("holes.npy", "-J", 1, "-o", "x_{plane}.png", "--overwrite"), code=1
    )


def test_metadata_is_kept_where_the_format_can() -> None:
    profile = files.read(ROOT / "sample_images" / "wall16.png").metadata.icc
    assert profile
    done(ROOT / "sample_images" / "wall16.png", "-J", 1, "--output-dir", ".")
    assert files.read(Path("wall16_w1.tif")).metadata.icc == profile


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("gray.png", "-o", "x.tif"), "5 planes would all be x.tif; put {plane} into -o"),
        (("gray.png", "-o", "{plan}.tif"), "did you mean {plane}?"),
        (("gray.png", "-o", "-"), "planes are several files"),
        (("gray.png", "-o", "{plane}.tif", "--planes", "npy"), "--planes npy writes .npy"),
        (("gray.png", "-o", "{plane}.png", "--planes", "float32"), "PNG holds no float32"),
        (("gray.png", "-o", "{plane}.jpg"), "holds no planes"),
        (("gray.png", "-o", "x.npy", "--stack"), "--stack makes the pages of a TIFF"),
        (("gray.png", "-o", "{plane}.tif", "--stack"), "{plane} has no value here"),
        (("gray.png", "--planes", "floot32"), "Did you mean 'float32'?"),
        (("gray.png", "-k", "sobel-x"), "sums to 0"),
        (("gray.png", "-b", "refelct"), "Did you mean 'reflect'?"),
        (("gray.png", "-b", "constant", "--fill", "nan"), "fill"),
        (("gray.png", "-J", "0"), "not in the range"),
        (("",), "the name of an input is empty"),
    ],
)
def test_what_has_no_meaning_is_refused_in_one_line(words: tuple[str, ...], said: str) -> None:
    assert said in refused(*words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("none.png",), "none.png"),
        (("gray.png", "-o", "no/{plane}.tif"), "the folder no does not exist"),
        (("gray.png", "-o", "{plane}.what"), "no format is known by the extension"),
        (("gray.png", "-o", "n" * 300 + "{plane}.tif"), "name too long"),
    ],
)
def test_an_input_that_fails_is_one_line_and_code_1(words: tuple[str, ...], said: str) -> None:
    assert said.lower() in refused(*words, code=1).lower()


def test_a_row_of_samples_and_a_one_pixel_picture_are_pictures() -> None:
    np.save("row.npy", np.arange(9, dtype=np.uint16))
    assert record("row.npy", "-o", "{stem}_{plane}.npy")["max_abs_diff"] == 0
    data = io.BytesIO()
    Image.new("RGB", (1, 1), (1, 2, 3)).save(data, "png")
    assert record("-", "-o", "{plane}.tif", stdin=data.getvalue())["max_abs_diff"] == 0


def test_a_fill_without_use_is_noted() -> None:
    assert "note: --fill 3 is for -b constant" in done("gray.png", "--fill", 3)


def test_a_montage_shows_all_planes_and_is_refused_like_any_output() -> None:
    found = record("alpha.png", "-J", 3, "--stack", "--montage", "sheet.png")
    assert found["montage"] == "sheet.png"
    assert read("sheet.png").shape[2] == 3
    said = refused("gray.png", "--montage", "sheet.png", code=1)
    assert said == "Error: gray.png: output exists: sheet.png (use --overwrite)"
    assert "is an input" in refused("gray.png", "--montage", "gray.png", "--overwrite")
    assert "is the name of a plane" in refused("gray.png", "--montage", "gray_w1.tif")
    assert "no format is known" in refused("gray.png", "--montage", "a.what", code=1)
    done("real.npy", "-J", 2, "--montage", "other.jpg")
    assert read("other.jpg").ndim == 3


def test_a_folder_is_taken_apart_by_several_processes_as_by_one() -> None:
    Path("shots/x").mkdir(parents=True)
    for name in ("gray.png", "deep.png", "alpha.png", "real.npy"):
        Path(name).rename(Path("shots", "x" if name == "deep.png" else "", name))
    words = ("shots", "-r", "-J", 2, "--montage", "{stem}.png")
    for folder, jobs in (("one", 1), ("two", 2)):
        said = dilcli("atrous", "decompose", *words, "--output-dir", folder, "-j", jobs)
        assert said.code == 0, said.err
        assert said.out.decode().splitlines()[0] == (
            "shots/alpha.png: planes sum to the input: max |diff| 0"
        )
        assert "4 done, 0 skipped, 0 failed" in said.err
        for path in Path().glob("*.png"):
            path.unlink()
    made = sorted(path for path in Path("one").rglob("*") if path.is_file())
    assert Path("one/x/deep_c2.tif.json") in made
    assert len(made) == 4 * 4 + 1
    for path in made:
        assert path.read_bytes() == Path("two", path.relative_to("one")).read_bytes()


def test_what_is_done_is_skipped_and_what_is_lost_is_made_again() -> None:
    words = ("gray.png", "deep.png", "-J", 1, "--output-dir", "out", "--skip-existing")
    assert "2 done" in done(*words)
    assert "2 skipped" in done(*words)
    Path("out/deep_w1.tif").unlink()
    assert "1 done, 1 skipped" in done(*words)
    Path("out/gray_w1.tif").write_bytes(Path("out/gray_w1.tif").read_bytes()[:100])
    assert "1 done, 1 skipped" in done(*words)
    assert read("out/gray_w1.tif").shape == (20, 30)


def test_a_second_run_over_a_folder_does_not_take_planes_for_pictures() -> None:
    words = (".", "-J", 1, "--overwrite", "--include", "gray*")
    for _ in range(2):
        assert record(*words)["input"] == "gray.png"


def test_one_picture_that_fails_fails_alone() -> None:
    Path("bad.png").write_bytes(Path("gray.png").read_bytes()[:60])
    result = dilcli("atrous", "decompose", "bad.png", "gray.png", "-J", 1, "--json")
    assert result.code == 1
    assert [each["status"] for each in result.records] == ["failed", "ok"]
    failed, made = result.records
    assert failed["error"].startswith("bad.png: ")
    assert list(failed) == list(made)
    assert (failed["planes"], failed["boundary"]) == (None, "reflect")
    assert "1 done, 0 skipped, 1 failed" in result.err


def test_two_pictures_do_not_share_a_file() -> None:
    Image.new("L", (9, 9)).save("gray.tif")
    said = refused("gray.png", "gray.tif", "-J", 1)
    assert "gray.png and gray.tif would both write gray_w1.tif" in said
    said = refused("gray.png", "deep.png", "-J", 1, "--montage", "sheet.png")
    assert "gray.png and deep.png would both write sheet.png" in said


def test_a_dry_run_says_what_would_be_made() -> None:
    before = names()
    result = dilcli("atrous", "decompose", "gray.png", "-J", 6, "--dry-run")
    assert result.out.decode().startswith("gray.png -> gray_c6.tif.json: 20 x 30 float32, planes")
    assert b"2^6 = 64 exceeds the shorter side of 20" in result.out
    assert names() == before


def test_a_limit_of_pixels_is_kept() -> None:
    said = refused("gray.png", "--max-pixels", 599, code=1)
    assert said.startswith("Error: gray.png: 600 pixels are more than the limit of 599; raise")


def test_files_of_another_set_are_not_replaced_by_a_run_that_skips() -> None:
    done("gray.png", "-J", 2)
    before = Path("gray_w1.tif").read_bytes()
    said = refused("gray.png", "-J", 3, "--generation", 2, "--skip-existing", code=1)
    assert "output exists: gray_w1.tif (use --overwrite)" in said
    assert Path("gray_w1.tif").read_bytes() == before
