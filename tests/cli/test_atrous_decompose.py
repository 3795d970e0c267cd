"""``dilcli atrous decompose`` from the words of the command line to the files of the planes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dilcli import files, starlet
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
    assert result.err == "gray.png -> gray_w1.tif ... gray_c2.tif\n"
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
        assert refused("gray.png", "-J", 2, code=1) == (
            f"Error: output exists: {name} (use --overwrite)"
        )
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


def test_the_first_frame_of_an_animation_is_taken_and_that_is_said() -> None:
    pages = [Image.new("L", (4, 4), value) for value in (10, 200)]
    pages[0].save("two.tif", save_all=True, append_images=pages[1:])
    found = record("two.tif", "-J", 1)
    assert "the first of 2 frames is taken apart" in found["notes"][0]
    assert read("two_c1.tif").max() == 10


def test_samples_that_are_not_finite_are_said_to_be_lost() -> None:
    pixels = np.ones((9, 9))
    pixels[4, 4] = np.nan
    np.save("holes.npy", pixels)
    result = dilcli("atrous", "decompose", "holes.npy", "-J", 1)
    assert (result.code, result.out) == (0, b"planes sum to the input: max |diff| not finite\n")
    assert "not finite" in result.err
    assert "not finite" in refused("holes.npy", "-J", 1, "-o", "x_{plane}.png", "--overwrite")


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
        (("",), "the name of the input is empty"),
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
    assert said == "Error: output exists: sheet.png (use --overwrite)"
    assert "is an input" in refused("gray.png", "--montage", "gray.png", "--overwrite")
    assert "is the name of a plane" in refused("gray.png", "--montage", "gray_w1.tif")
    assert "no format is known" in refused("gray.png", "--montage", "a.what", code=1)
    done("real.npy", "-J", 2, "--montage", "other.jpg")
    assert read("other.jpg").ndim == 3
