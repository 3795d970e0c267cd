"""Figures and differences as files: their names, their pages, and what is refused before work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dilcli import files
from dilcli.core.comparison import WAYS
from dilcli.core.kernels import parse_kernel
from dilcli.errors import ArgumentError, ImageFileError
from dilcli.features.compare import compare_at
from dilcli.features.comparison_files import (
    Drawing,
    Kept,
    Outputs,
    figure_panels,
    output_files,
    plan_outputs,
)
from tests.features.test_compare import DERIVATIVE, subject

RATES = ((2, 2), (2, 3))
BOX = parse_kernel("box")


def made(pixels: Any, outputs: Outputs, panels: tuple[str, ...] = ()) -> tuple[Any, Any]:
    """Run a comparison with these outputs; give the files, and all responses."""
    drawing = Drawing(panels or figure_panels(WAYS))
    kept, every = Kept.needed(outputs, drawing, WAYS), {}
    held = subject(pixels)

    def keep(name: str, response: Any) -> None:
        every[name] = response
        kept.keep(name, response)

    run = compare_at(held, (2, 2), {"kernel": DERIVATIVE}, keep=keep)
    found = dict(output_files(outputs, held, run, kept, drawing))
    kept.release()
    assert kept[2:] == ({}, [], [])
    return found, every


def test_differences_have_a_page_for_each_way_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "d.tif"
    for shape in ((20, 30), (20, 30, 3), (20, 30, 2)):
        found, every = made(np.random.default_rng(0).random(shape), Outputs(diff=path))
        pages = files.read(found[path]).frames
        assert len(pages) == len(WAYS)
        for page, name in zip(pages, WAYS, strict=True):
            apart = (every[name] - every["dilated"]).astype(np.float32)
            assert page.dtype == np.float32
            assert np.array_equal(page.reshape(apart.shape), apart)
        assert not pages[0].any()


def test_a_figure_is_a_picture_of_the_panels_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "f.png"
    pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    usual, few = (
        files.read(made(pixels, Outputs(path), panels)[0][path]).frames[0]
        for panels in ((), ("dilated", "difference"))
    )
    assert usual.shape[2] == 3
    assert few.shape[1] < usual.shape[1]


def test_only_what_is_drawn_is_kept() -> None:
    figure = Outputs(Path("f.png"))
    assert Kept.needed(figure, Drawing(("input", "difference")), WAYS).names == {
        *("dilated", "bilinear")
    }
    assert Kept.needed(figure, Drawing(("nearest",)), WAYS).names == {"dilated", "nearest"}
    assert Kept.needed(Outputs(), Drawing(figure_panels(WAYS)), WAYS).names == frozenset()


def test_the_usual_panels_are_those_of_ways_that_are_run() -> None:
    assert figure_panels(WAYS) == ("input", "dilated", "implant", "bilinear", "difference")
    assert figure_panels(("dilated", "nearest")) == ("input", "dilated", "nearest", "difference")


def test_templates_are_filled_for_each_rate(tmp_path: Path) -> None:
    named = plan_outputs(
        "in/cat.png",
        BOX,
        RATES,
        figure=f"{tmp_path}/{{stem}}_{{kernel}}_{{dilation}}.png",
        diff=f"{tmp_path}/{{dilation}}.tif",
    )
    assert named == [
        (tmp_path / "cat_box_2.png", tmp_path / "2.tif"),
        (tmp_path / "cat_box_2x3.png", tmp_path / "2x3.tif"),
    ]
    assert plan_outputs("a", BOX, RATES) == [Outputs(), Outputs()]
    assert plan_outputs("-", BOX, RATES[:1], figure="-") == [Outputs(Path("-"))]


def test_what_could_not_be_written_is_refused_before_any_work(tmp_path: Path) -> None:
    there = tmp_path / "there.png"
    there.write_bytes(b"")
    for given, error, message in (
        ({"figure": str(there)}, ImageFileError, "output exists"),
        ({"figure": f"{tmp_path}/no/f.png"}, ImageFileError, "does not exist"),
        ({"figure": f"{tmp_path}/f.xyz"}, ImageFileError, "xyz"),
        ({"diff": f"{tmp_path}/d.png"}, ImageFileError, "name a .tif"),
        ({"diff": "-"}, ArgumentError, "needs a file's name"),
        ({"animation": there}, ImageFileError, "output exists"),
        ({"figure": f"{tmp_path}/d.tif", "diff": f"{tmp_path}/d.tif"}, ArgumentError, "both"),
    ):
        with pytest.raises(error, match=message):
            plan_outputs("in.png", BOX, RATES[:1], **given)
    with pytest.raises(ArgumentError, match=r"put \{dilation\} into it"):
        plan_outputs("in.png", BOX, RATES, figure=f"{tmp_path}/f.png")
    assert plan_outputs("in.png", BOX, RATES[:1], figure=str(there), overwrite=True)


def test_the_input_is_never_written_over(tmp_path: Path) -> None:
    there = tmp_path / "cat.png"
    there.write_bytes(b"a picture")
    with pytest.raises(ArgumentError, match="is the input"):
        plan_outputs(str(there), BOX, RATES[:1], figure=str(there), overwrite=True)
