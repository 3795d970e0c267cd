"""The figure of a comparison: which panels, what is in them, and what is said of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dilcli import files
from dilcli.core.colour import LUMA
from dilcli.core.correlate import correlate
from dilcli.draw import panels as drawing
from dilcli.errors import ArgumentError
from dilcli.features.comparison_figure import PANELS, compared_way, draw_comparison

SAMPLES = Path(__file__).parents[2] / "sample_images"
KERNEL = np.array([[-1.0, -2, -1], [0, 0, 0], [1, 2, 1]])


def responses(pixels: Any, rate: int = 2) -> dict[str, Any]:
    """Run three ways; an upsampled one need not be a good one here."""
    pixels = np.atleast_3d(np.asarray(pixels, np.float32))
    dilated = correlate(pixels, KERNEL, dilation=rate)
    implant = np.zeros_like(dilated)
    implant[::rate, ::rate] = dilated[::rate, ::rate]
    nearest = dilated[::rate, ::rate].repeat(rate, axis=0).repeat(rate, axis=1)
    nearest = nearest[: dilated.shape[0], : dilated.shape[1]]
    between = (nearest + np.roll(nearest, -1, axis=0)) / 2
    return {"dilated": dilated, "implant": implant, "nearest": nearest, "bilinear": between}


def noise(*shape: int) -> Any:
    return np.random.default_rng(3).integers(0, 256, shape, np.uint8)


def drawn(
    monkeypatch: pytest.MonkeyPatch, picture: Any, ways: dict[str, Any], **settings: Any
) -> Any:
    """Take what would be drawn: the panels by their names, and the rest."""
    taken: dict[str, Any] = {}

    def figure(panels: Any, **rest: Any) -> Any:
        taken.update(rest, panels=panels)
        return np.zeros((1, 1, 3), np.uint8)

    monkeypatch.setattr(drawing, "comparison_figure", figure)
    settings = {"captions": {}, "rate": (2, 2), "title": "t"} | settings
    draw_comparison(picture, ways, **settings)
    return taken


def test_panels_are_drawn_in_their_order_under_their_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pixels = noise(40, 50)
    ways = responses(pixels)
    captions = {"dilated": ["all positions"], "implant": ["a quarter", "of them"]}
    taken = drawn(monkeypatch, pixels, ways, captions=captions, facts=["a fact"])
    titles = [panel.name.split(", x")[0] for panel in taken["panels"]]
    assert titles == [
        "input", "dilated", "implanted", "upsampled, bilinear", "bilinear - dilated",
    ]  # fmt: skip
    assert [list(panel.lines) for panel in taken["panels"]] == [
        [], ["all positions"], ["a quarter", "of them"], [], [],
    ]  # fmt: skip
    assert (taken["title"], taken["facts"]) == ("t", ["a fact"])
    order = ("nearest", "input", "dilated")
    taken = drawn(monkeypatch, pixels, ways, panels=order)
    assert [panel.name for panel in taken["panels"]] == ["upsampled, nearest", "input", "dilated"]


def test_panels_hold_the_picture_the_responses_and_their_difference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pixels = noise(40, 50)
    ways = responses(pixels)
    source, dilated, implant, between, difference = drawn(monkeypatch, pixels, ways)["panels"]
    np.testing.assert_array_equal(source.image, np.repeat(pixels[..., None], 3, axis=2))
    np.testing.assert_array_equal(dilated.image, ways["dilated"][..., 0])
    np.testing.assert_array_equal(implant.image, ways["implant"][..., 0])
    np.testing.assert_array_equal(difference.image, between.image - dilated.image)
    assert [p.kind for p in (source, dilated, difference)] == ["picture", "signed", "difference"]
    assert [p.spacing for p in (dilated, implant, between)] == [(1, 1), (2, 2), (1, 1)]


def test_responses_of_colours_are_drawn_as_the_response_of_the_luma(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pixels = noise(40, 50, 3)
    taken = drawn(monkeypatch, pixels, responses(pixels))
    luma = responses(pixels.astype(np.float32) @ np.array(LUMA, np.float32))
    np.testing.assert_allclose(
        taken["panels"][1].image, luma["dilated"][..., 0], rtol=1e-4, atol=1e-2
    )
    np.testing.assert_array_equal(taken["panels"][0].image, pixels)
    assert taken["notes"][0] == "responses: luma of 3 channels"


def test_of_two_channels_the_first_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = noise(40, 50, 2)
    ways = responses(pixels)
    taken = drawn(monkeypatch, pixels, ways, panels=("dilated",))
    np.testing.assert_array_equal(taken["panels"][0].image, ways["dilated"][..., 0])
    assert taken["notes"][0] == "responses: first channel of 2 channels"


def test_the_scale_holds_most_responses_and_what_is_beyond_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pixels = np.full((400, 400), 100, np.uint8)
    pixels[::20] = 120
    pixels[7, 9] = 255
    ways = responses(pixels)
    taken = drawn(monkeypatch, pixels, ways, zoom=(100, 100, 30, 30))
    beyond = np.count_nonzero(np.abs(ways["dilated"]) > taken["limit"])
    assert 0 < beyond < 0.005 * pixels.size
    assert taken["notes"] == ["0.01% of the dilated responses are beyond the scale"]
    flat = np.full((40, 40), 9, np.uint8)
    taken = drawn(monkeypatch, flat, responses(flat))
    assert (taken["limit"], taken["difference_gain"], taken["notes"]) == (1.0, 1, [])


def test_small_differences_are_enlarged_and_their_factor_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pixels = noise(60, 60)
    ways = responses(pixels)
    ways["bilinear"] = ways["dilated"] * (1 + 1 / 9)
    taken = drawn(monkeypatch, pixels, ways)
    assert taken["difference_gain"] == 8
    assert taken["panels"][-1].name == "bilinear - dilated, x8"


def test_the_detail_is_found_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.full((300, 400), 50, np.uint8)
    pixels[151, 250:253] = 200
    taken = drawn(monkeypatch, pixels, responses(pixels))
    top, left, rows, columns = taken["zoom"]
    assert top <= 151 < top + rows
    assert left <= 250 < left + columns
    asked = (3, 5, 60, 70)
    assert drawn(monkeypatch, pixels, responses(pixels), zoom=asked)["zoom"] == asked
    small = noise(12, 14)
    assert drawn(monkeypatch, small, responses(small))["zoom"] is None


@pytest.mark.parametrize(
    ("panels", "ways", "way"),
    [
        (PANELS, ("dilated", "implant", "nearest", "bilinear"), "bilinear"),
        (("nearest", "difference"), ("dilated", "nearest", "bilinear"), "nearest"),
        (("nearest", "bilinear"), ("dilated", "nearest", "bilinear"), "bilinear"),
        (("difference",), ("dilated", "nearest", "bicubic"), "bicubic"),
        (("difference",), ("dilated", "implant", "naive"), "implant"),
    ],
)
def test_the_difference_is_of_an_upsampled_way_that_is_drawn(
    panels: tuple[str, ...], ways: tuple[str, ...], way: str
) -> None:
    assert compared_way(panels, ways) == way


def test_what_is_not_finite_is_drawn_as_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = noise(40, 50).astype(np.float32)
    pixels[20, 20], pixels[5, 5] = np.nan, np.inf
    with np.errstate(invalid="ignore"):
        ways = responses(pixels)
    taken = drawn(monkeypatch, pixels, ways)
    assert all(np.isfinite(panel.image).all() for panel in taken["panels"])
    assert np.isfinite(taken["limit"])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"panels": ("input", "bicubic")}, "no panel 'bicubic'; choose from input, dilated, imp"),
        ({"panels": ()}, "a figure needs a panel; choose from input"),
        ({"zoom": (30, 0, 20, 20)}, "does not lie in the picture of 40 x 50"),
    ],
)
def test_what_has_no_meaning_is_refused(settings: dict[str, Any], message: str) -> None:
    pixels = noise(40, 50)
    with pytest.raises(ArgumentError, match=message):
        draw_comparison(pixels, responses(pixels), captions={}, rate=(2, 2), title="t", **settings)


def test_a_difference_needs_another_way() -> None:
    pixels = noise(40, 50)
    ways = {"dilated": responses(pixels)["dilated"]}
    with pytest.raises(ArgumentError, match="'difference' needs one of the ways bilinear"):
        draw_comparison(pixels, ways, captions={}, panels=("difference",), rate=(2, 2), title="t")


@pytest.mark.parametrize("name", ["cat.png", "coast.jpg", "tulips.png", "crop16.png"])
@pytest.mark.parametrize("rate", [2, 5])
def test_pictures_of_any_kind_make_a_figure(name: str, rate: int) -> None:
    picture = files.read(SAMPLES / name)
    ways = responses(picture.frames[0][..., :3], rate)
    figure = draw_comparison(picture, ways, captions={}, rate=(rate, rate), title=name)
    assert figure.dtype == np.uint8
    assert 1200 <= figure.shape[1] <= 1600


@pytest.mark.parametrize("shape", [(700,), (1, 1), (2, 300), (300, 2), (32, 32)])
def test_pictures_of_any_shape_make_a_figure(shape: tuple[int, ...]) -> None:
    pixels = noise(*shape)
    ways = responses(np.atleast_2d(pixels))
    figure = draw_comparison(pixels, ways, captions={}, rate=(2, 2), title="t")
    assert 400 <= figure.shape[1] <= 1600
