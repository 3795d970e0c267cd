"""``dilcli atrous recompose``: what decompose wrote gives the picture back, or another one."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dilcli import files, inverse_starlet
from dilcli.core.boundary import BOUNDARIES
from dilcli.features.machine import BASE
from tests.cli.running import dilcli
from tests.starlet_cases import atrous, case_input

Array = np.ndarray[Any, np.dtype[Any]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder that holds a picture with planes."""
    monkeypatch.chdir(tmp_path)
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30), np.uint8)
    Image.fromarray(pixels).save("p.png", dpi=(300, 300))
    return tmp_path


def run(*words: object) -> str:
    done = dilcli("atrous", *words)
    assert done.code == 0, done.err
    return done.err


def refused(*words: object, code: int = 2) -> str:
    done = dilcli("atrous", "recompose", *words)
    assert (done.code, done.out) == (code, b""), done.err
    assert not Path("out.png").exists()
    *usage, message = done.err.splitlines()
    assert len(usage) == (3 if code == 2 else 0)
    return message


def read(name: object) -> Array:
    return files.read(Path(str(name))).frames[0]


def planes() -> list[str]:
    return sorted(str(path) for path in Path().glob("p_*.tif"))


@given(
    size=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    channels=st.sampled_from([1, 2, 3, 4]),
    dtype=st.sampled_from([np.uint8, np.uint16]),
    levels=st.integers(1, 6),
    boundary=st.sampled_from(BOUNDARIES),
    kernel=st.sampled_from(["b3", "linear", "1 1 1 / 3", "-1 6 -1 / 4", "1 6 15 20 15 6 1 / 64"]),
    generation=st.sampled_from([1, 2]),
    stack=st.booleans(),
    seed=st.integers(0, 99),
)
def test_decompose_then_recompose_gives_the_picture_back_bit_for_bit(
    *,
    size: tuple[int, int],
    channels: int,
    dtype: type[np.uint8 | np.uint16],
    levels: int,
    boundary: str,
    kernel: str,
    generation: int,
    stack: bool,
    seed: int,
) -> None:
    shape = size if channels == 1 else (*size, channels)
    high = np.iinfo(dtype).max + 1
    pixels = np.random.default_rng(seed).integers(0, high, shape, dtype)
    alpha = channels in (2, 4)
    # Negative weights make planes that grow from level to level beyond what float32 tells apart.
    form = ["--planes", "npy"] if "-" in kernel else ["--stack"] * stack
    data = files.encode(files.Picture((pixels,), alpha=alpha, format="tiff"), "tiff")
    with tempfile.TemporaryDirectory() as name:
        source, back = Path(name, "in.tif"), Path(name, "back.tif")
        source.write_bytes(data)
        run(
            *("decompose", source, "-J", levels, "-b", boundary, "-k", kernel),
            *("--generation", generation, *form),
        )
        run("recompose", *Path(name).glob("in_*.[tn]*"), "-o", back)
        found = files.read(back)
        assert found.alpha == alpha
        assert found.frames[0].dtype == dtype
        np.testing.assert_array_equal(found.frames[0], files.read(source).frames[0])


@pytest.mark.parametrize("case", atrous()["gain_cases"], ids=lambda case: case["input_case"])
def test_each_case_of_gains_is_met_through_files(case: dict[str, Any]) -> None:
    np.save("g.npy", case_input(case["input_case"]).astype(float))
    levels = next(
        (c["levels"] for c in atrous()["cases"] if c["name"] == case["input_case"]),
        len(np.atleast_1d(case["gain"])),
    )
    run("decompose", "g.npy", "-J", levels, "-o", "{stem}_{plane}.npy")
    gains = ",".join(map(str, np.atleast_1d(case["gain"])))
    factors = (f"--gain={gains}", f"--residual-gain={case['residual_gain']}")
    run("recompose", *Path().glob("g_*.npy"), "-o", "sum.npy", *factors)
    np.testing.assert_allclose(np.load("sum.npy"), case["sum"], rtol=0, atol=1e-9)


def test_planes_come_in_any_order_and_with_their_record_among_them() -> None:
    run("decompose", "p.png", "-J", 12)
    said = run("recompose", *sorted(planes(), reverse=True), "p_c12.tif.json", "-o", "out.png")
    assert said == "12 levels -> out.png: 20 x 30 uint8\n"
    np.testing.assert_array_equal(read("out.png"), read("p.png"))
    assert files.read(Path("out.png")).metadata.resolution == pytest.approx((300, 300), abs=0.01)


def test_planes_may_be_renamed_if_they_still_say_which_they_are() -> None:
    run("decompose", "p.png", "-J", 1, "-o", "{plane}.tif")
    for plane in ("w1.tif", "c1.tif", "c1.tif.json"):
        Path(plane).rename(f"other_{plane}")
    run("recompose", "other_c1.tif", "other_w1.tif", "-o", "out.png")
    np.testing.assert_array_equal(read("out.png"), read("p.png"))


def test_gains_sharpen_and_the_clipping_is_counted() -> None:
    run("decompose", "p.png", "-J", 2)
    said = run("recompose", *planes(), "-o", "out.png", "--gain", "3,1.5")
    values = inverse_starlet(
        [read(p) for p in ("p_w1.tif", "p_w2.tif", "p_c2.tif")], gains=(3, 1.5)
    )
    rounded = np.rint(values)
    np.testing.assert_array_equal(read("out.png"), np.clip(rounded, 0, 255))
    count = np.count_nonzero((rounded < 0) | (rounded > 255))
    assert f"; {count} of 600 samples (" in said
    (record,) = dilcli(
        *("atrous", "recompose", *planes(), "-o", "o.tif", "--gain=3,1.5", "--depth", "float"),
        "--json",
    ).records
    assert (record["clipped"], record["dtype"], record["levels"]) == (0, "float32", 2)
    np.testing.assert_array_equal(read("o.tif"), values.astype(np.float32))


def test_a_residual_gain_of_0_removes_the_background() -> None:
    run("decompose", "p.png", "-J", 1)
    run("recompose", *planes(), "-o", "o.tif", "--residual-gain", 0, "--depth", "float")
    np.testing.assert_array_equal(read("o.tif"), read("p_w1.tif"))


def test_sixteen_bit_planes_give_eight_bits_back() -> None:
    run("decompose", "p.png", "-J", 4, "-o", "{stem}_{plane}.png")
    run("recompose", *Path().glob("p_*.png"), "-o", "out.png")
    np.testing.assert_array_equal(read("out.png"), read("p.png"))


@pytest.mark.parametrize("stack", [False, True])
def test_without_a_record_names_tell_the_planes_and_depth_the_samples(*, stack: bool) -> None:
    run("decompose", "p.png", "-J", 2, *["--stack"] * stack)
    (record,) = Path().glob("*.json")
    record.unlink()
    assert f"has no record {record}" in refused(*planes(), "-o", "out.png")
    run("recompose", *planes(), "-o", "out.png", "--depth", 8)
    np.testing.assert_array_equal(read("out.png"), read("p.png"))


def test_associated_alpha_is_associated_again() -> None:
    pixels = np.random.default_rng(1).integers(0, 100, (5, 6, 4), np.uint8)
    metadata = files.Metadata(associated_alpha=True)
    picture = files.Picture((pixels,), alpha=False, format="tiff", metadata=metadata)
    Path("p.tif").write_bytes(files.encode(picture, "tiff"))
    run("decompose", "p.tif", "-J", 2)
    run("recompose", *planes(), "-o", "back.tif")
    back = files.read(Path("back.tif"))
    assert (back.alpha, back.metadata.associated_alpha) == (False, True)
    np.testing.assert_array_equal(back.frames[0], pixels)


def test_outputs_that_exist_are_refused_and_replaced_if_asked() -> None:
    run("decompose", "p.png", "-J", 1)
    said = refused(*planes(), "-o", "p.png", code=1)
    assert said == "Error: output exists: p.png (use --overwrite)"
    run("recompose", *planes(), "-o", "p.png", "--overwrite")
    assert "p_w1.tif is an input" in refused(*planes(), "-o", "p_w1.tif", "--overwrite")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("p_w1.tif", "p_c2.tif"), "w2 is missing: 2 levels are w1 w2 c2"),
        (("p_w1.tif", "p_w1.tif", "p_w2.tif", "p_c2.tif"), "both plane w1"),
        (("p_w1.tif", "p_w2.tif"), "the residual is missing"),
        (("p_w1.tif", "p_w2.tif", "p_c2.tif", "p.png"), "p.png: which plane is it?"),
        (("p_w1.tif", "p_w2.tif", "p_c2.tif", "--gain", "1,2,3"), "3 values of gain for 2 levels"),
        (("p_w1.tif", "p_w2.tif", "p_c2.tif", "--gain", "1,x"), "is not a number"),
        (("p_w1.tif", "p_w2.tif", "p_c2.tif", "--gain", "inf"), "must be finite"),
        (("p_w1.tif", "p_w2.tif", "p_c2.tif", "--residual-gain", "nan"), "must be finite"),
        (("p_c2.tif.json",), "no plane is named"),
        ((), "Missing argument"),
    ],
)
def test_what_has_no_meaning_is_refused_in_one_line(words: tuple[str, ...], said: str) -> None:
    run("decompose", "p.png", "-J", 2)
    assert said in refused(*words, "-o", "out.png")


def test_planes_of_two_pictures_are_refused() -> None:
    run("decompose", "p.png", "-J", 1)
    run("decompose", "p.png", "-J", 1, "-o", "q_{plane}.tif")
    assert "records of two pictures" in refused(*planes(), "q_c1.tif", "-o", "out.png")


def test_files_that_fail_are_one_line_and_code_1() -> None:
    run("decompose", "p.png", "-J", 1)
    Path("p_w1.tif").write_bytes(Path("p.png").read_bytes())
    assert "holds uint8" in refused(*planes(), "-o", "out.png", code=1)
    Path("p_w1.tif").unlink()
    assert "p_w1.tif" in refused("p_w1.tif", "p_c1.tif", "-o", "out.png", code=1)
    Path("p_c1.tif.json").write_text("{")
    assert "p_c1.tif.json: is no JSON" in refused("p_c1.tif", "-o", "out.png", code=1)
    long = "n" * 300 + ".png"
    assert "too long" in refused("p_w1.npy", "p_c1.npy", "-o", long, "--depth", 8, code=1)


@pytest.mark.parametrize("stack", [False, True])
def test_alpha_that_is_not_named_is_found_beside_and_its_loss_is_said(*, stack: bool) -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (5, 6, 4), np.uint8)
    Image.fromarray(pixels).save("p.png")
    run("decompose", "p.png", "-J", 2, *["--stack"] * stack)
    colours = [name for name in planes() if "alpha" not in name]
    (alpha,) = set(planes()) - set(colours)
    run("recompose", *colours, "-o", "out.png")
    np.testing.assert_array_equal(read("out.png"), pixels)
    Path("out.png").unlink()
    Path(alpha).unlink()
    assert f"{alpha}: " in refused(*colours, "-o", "out.png", code=1)


def animated(ending: str, **saving: Any) -> files.Picture:
    """Write an animation with alpha, and give what is read of it."""
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (3, 9, 7, 4), np.uint8)
    first, *others = map(Image.fromarray, pixels)
    first.save(f"a{ending}", save_all=True, append_images=others, duration=[40, 80, 60], **saving)
    return files.read(Path(f"a{ending}"))


@pytest.mark.parametrize("form", [("--stack",), ()])
@pytest.mark.parametrize(
    ("ending", "saving"), [(".png", {"loop": 3}), (".webp", {"loop": 3, "lossless": True})]
)
def test_an_animation_comes_back_with_its_alpha_and_its_times(
    ending: str, saving: dict[str, Any], form: tuple[str, ...]
) -> None:
    given = animated(ending, **saving)
    run("decompose", f"a{ending}", "-J", 2, *form)
    said = run("recompose", *Path().glob("a_*.tif"), "-o", f"back{ending}")
    assert "3 frames of 9 x 7 x 4 uint8" in said
    back = files.read(Path(f"back{ending}"))
    np.testing.assert_array_equal(back.frames, given.frames)
    assert list(back.metadata.durations) == [40, 80, 60]
    assert back.metadata.loop == given.metadata.loop == 3


def test_a_gif_comes_back_as_a_gif() -> None:
    pixels = np.random.default_rng(6).integers(0, 256, (3, 9, 7), np.uint8)
    first, *others = map(Image.fromarray, pixels)
    first.save("a.gif", save_all=True, append_images=others, duration=[40, 80, 60], loop=4)
    run("decompose", "a.gif", "-J", 2)
    run("recompose", *Path().glob("a_*.tif"), "-o", "back.gif")
    given, back = files.read(Path("a.gif")), files.read(Path("back.gif"))
    np.testing.assert_array_equal(back.frames, given.frames)
    assert list(back.metadata.durations) == [40, 80, 60]
    assert back.metadata.loop == given.metadata.loop


def test_frames_and_their_times_are_chosen_or_their_loss_is_said() -> None:
    given = animated(".png", loop=0)
    run("decompose", "a.png", "-J", 1)
    names = list(Path().glob("a_*.tif"))
    run("recompose", *names, "-o", "two.png", "--frames", "0,2")
    two = files.read(Path("two.png"))
    np.testing.assert_array_equal(two.frames, [given.frames[0], given.frames[2]])
    assert list(two.metadata.durations) == [40, 60]
    assert "TIFF holds no frame durations: not kept" in run("recompose", *names, "-o", "all.tif")
    assert "NPY cannot hold 3 frames; use --frames 0" in refused(*names, "-o", "out.npy", code=1)
    run("recompose", *names, "-o", "one.npy", "--frames", 1)
    np.testing.assert_array_equal(np.load("one.npy"), given.frames[1])
    assert "no frame 3" in refused(*names, "-o", "out.png", "--frames", 3, code=1)


@pytest.mark.parametrize("form", [("--stack",), ()])
def test_pages_of_different_sizes_come_back(form: tuple[str, ...]) -> None:
    rng = np.random.default_rng(4)
    pages = tuple(rng.integers(0, 65536, size, np.uint16) for size in [(9, 7), (4, 12), (1, 1)])
    picture = files.Picture(pages, alpha=False, format="tiff")
    Path("p.tif").write_bytes(files.encode(picture, "tiff"))
    run("decompose", "p.tif", "-J", 3, "--generation", 2, *form)
    run("recompose", *planes(), "-o", "back.tif")
    for page, same in zip(pages, files.read(Path("back.tif")).frames, strict=True):
        np.testing.assert_array_equal(page, same)


@pytest.mark.parametrize("generation", [1, 2])
@pytest.mark.parametrize("ending", [".tif", ".npy"])
def test_little_memory_gives_the_same_picture(generation: int, ending: str) -> None:
    pixels = np.random.default_rng(5).integers(0, 256, (600, 1500, 4), np.uint8)
    picture = files.Picture((pixels,), alpha=True, format="tiff")
    Path("p.tif").write_bytes(files.encode(picture, "tiff"))
    run("decompose", "p.tif", "-J", 2, "--generation", generation, "-b", "wrap")
    least = BASE + (8 << 20) + 6_000_000
    words = ("--memory-limit", least, "-j", 1)
    run("recompose", *planes(), "-o", f"back{ending}", *words)
    np.testing.assert_array_equal(read(f"back{ending}"), pixels)
    assert "PNG is encoded whole" in refused(*planes(), "-o", "out.png", *words, code=1)
