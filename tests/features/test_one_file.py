"""One call, one file: it does what the command does, and raises what went wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dilcli
from dilcli import files
from dilcli.core.kernels import parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.errors import ArgumentError, ImageFileError, KernelError
from dilcli.features.one_file import apply_file

SAMPLES = Path(__file__).parents[2] / "sample_images"

pytestmark = pytest.mark.usefixtures("folder")


def test_apply_file_does_what_the_command_does() -> None:
    outcome = dilcli.apply_file("b.tif", "out{1}.tif", "1 2 1 / 4", dilation=(1, 2), threads=1)
    assert (outcome.status, outcome.output) == ("ok", "out{1}.tif")
    assert isinstance(outcome.recipe, Recipe)
    assert outcome.recipe.dilations == ((1, 2),)
    assert outcome.seconds is not None
    assert len(files.read(Path("out{1}.tif")).frames) == 3


def test_apply_file_takes_every_setting_of_a_recipe() -> None:
    rng = np.random.default_rng(0)
    picture = rng.normal(size=(9, 8))
    np.save("x.npy", picture)
    kernel = parse_kernel("1 -2 1")
    outcome = apply_file(
        Path("x.npy"),
        Path("y.npy"),
        kernel,
        dilation=[1, (2, 3)],
        combine="cascade",
        stride=2,
        boundary="Edge",
        response="raw",
    )
    assert isinstance(outcome.recipe, Recipe)
    assert outcome.recipe.boundary == "nearest"
    once = dilcli.correlate(picture, kernel, boundary="nearest")
    twice = dilcli.correlate(once, kernel, dilation=(2, 3), boundary="nearest", stride=2)
    np.testing.assert_array_equal(np.load("y.npy"), twice)


@pytest.mark.parametrize(
    ("arguments", "settings", "error", "message"),
    [
        (("no.png", "x.png", "box"), {}, ImageFileError, r"no\.png: No such file"),
        (("a.png", "a.png", "box"), {"overwrite": False}, ArgumentError, "over itself"),
        (("a.png", "b.tif", "box"), {}, ImageFileError, r"output exists: b\.tif"),
        (("a.png", "x.xyz", "box"), {}, ArgumentError, "no format is known"),
        (("a.png", "x.png", "bix"), {}, KernelError, "did you mean 'box'"),
        (("a.png", "x.png", "box"), {"dilation": 0}, ArgumentError, "dilation must be"),
        (("a.png", "x.png", "box"), {"dilation": [1, 2]}, ArgumentError, "with combine"),
        (("a.png", "x.png", "box"), {"response": "ofset"}, ArgumentError, "'ofset' is not one"),
        (("a.png", "x.png", "box"), {"boundary": "refl"}, ArgumentError, "unknown boundary"),
        (("a.png", "x.png", "box"), {"response": "raw"}, ArgumentError, "has uint8"),
        (("b.tif", "x.jpg", "box"), {}, ImageFileError, "cannot hold 3 frames"),
    ],
)
def test_apply_file_raises_what_went_wrong(
    arguments: tuple[str, str, str], settings: dict[str, Any], error: type[Exception], message: str
) -> None:
    before = sorted(Path().iterdir())
    with pytest.raises(error, match=message):
        apply_file(*arguments, **settings)
    assert sorted(Path().iterdir()) == before


@pytest.mark.parametrize(
    "sample",
    sorted(path.name for path in SAMPLES.glob("*.png")),
)
def test_identity_gives_back_every_sample_of_the_sample_images(sample: str) -> None:
    outcome = apply_file(SAMPLES / sample, "same.png", "identity")
    before, after = files.read(SAMPLES / sample), files.read(Path("same.png"))
    assert outcome.clipped == 0
    assert (after.alpha, len(after.frames)) == (before.alpha, 1)
    assert after.frames[0].dtype == before.frames[0].dtype
    np.testing.assert_array_equal(after.frames[0], before.frames[0])
    assert after.metadata.icc == before.metadata.icc
    assert after.metadata.exif == before.metadata.exif
    assert after.metadata.text == before.metadata.text
