"""Receptive fields over photographs: the box is that of the look-up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dilcli import files
from dilcli.core.receptive.lookup import cell as look_up
from dilcli.draw import field_over as drawing
from dilcli.errors import ArgumentError, LayerError
from dilcli.features.field_over import draw_over_image
from dilcli.features.receptive_fields import receptive_field

SAMPLES = Path(__file__).parents[2] / "sample_images"


def plain(*shape: int) -> files.Picture:
    return files.Picture((np.zeros(shape, np.uint8),), alpha=False, format="png")


def drawn_from(
    monkeypatch: pytest.MonkeyPatch, text: str, cell: tuple[int, ...], picture: files.Picture
) -> tuple[Any, ...]:
    made = []

    def figure(photo: Any, heat: Any, first: Any, *, title: str, facts: list[str]) -> Any:
        made.append((photo, heat, first, facts))
        return np.zeros((1, 1, 3), np.uint8)

    monkeypatch.setattr(drawing, "over_figure", figure)
    result = receptive_field(text)
    draw_over_image(result, result.at, cell, picture, name="a name")
    return made[0]


@pytest.mark.parametrize("cell", [(0, 0), (3, 5), (6, 2)])
@pytest.mark.parametrize(
    "text", ["2x(conv3 pool2) conv3", "conv7s4ps conv3s2ps", "conv3s4 tconv2s2"]
)
def test_the_box_is_that_of_the_look_up(
    monkeypatch: pytest.MonkeyPatch, text: str, cell: tuple[int, int]
) -> None:
    photo, heat, first, facts = drawn_from(monkeypatch, text, cell, plain(60, 50))
    result = receptive_field(text, input_size=(60, 50))
    (top, bottom), (left, right) = look_up(result, cell).box
    assert first == (top, left)
    assert heat.shape == (bottom - top + 1, right - left + 1)
    assert heat.sum() == pytest.approx(1)
    assert photo.shape == (60, 50, 3)
    assert facts[0] == (
        f"Output {cell[0]},{cell[1]} sees rows {top} to {bottom}, columns {left} to {right}; "
        f"the centre is at {(top + bottom) / 2:g},{(left + right) / 2:g}."
    )


@pytest.mark.parametrize(
    ("cell", "size", "words"),
    [
        ((0, 5), (9, 20), "2 rows above; 40% of the weight"),
        ((0, 0), (9, 20), "2 rows above, 2 columns on the left; 64% of the weight"),
        ((7, 18), (9, 20), "1 row below, 1 column on the right; 36% of the weight"),
        ((0, 0), (1, 1), "2 rows above, 2 rows below, 2 columns on the left, 2 columns on the "),
    ],
)
def test_what_is_lost_to_padding_is_said(
    monkeypatch: pytest.MonkeyPatch, cell: tuple[int, int], size: tuple[int, int], words: str
) -> None:
    *_, facts = drawn_from(monkeypatch, "conv5", cell, plain(*size))
    assert facts[1].startswith(f"Outside the picture, in the padding: {words}")


def test_nothing_is_said_of_padding_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    *_, facts = drawn_from(monkeypatch, "conv5", (4, 4), plain(9, 9))
    assert len(facts) == 2


def test_a_box_in_the_padding_alone_loses_all(monkeypatch: pytest.MonkeyPatch) -> None:
    *_, facts = drawn_from(monkeypatch, "conv3p9", (0, 0), plain(9, 9))
    assert "3 rows above, 3 columns on the left; 100% of the weight" in facts[1]


@pytest.mark.parametrize("name", ["coast.jpg", "tulips.png", "crop16.png", "zone-plate.png"])
def test_pictures_of_any_kind_can_lie_below(name: str) -> None:
    picture = files.read(SAMPLES / name)
    result = receptive_field("conv3 conv3d2")
    figure = draw_over_image(result, result.at, (3, 3), picture, name=name)
    assert figure.dtype == np.uint8
    assert figure.shape[2] == 3


@pytest.mark.parametrize(
    ("text", "settings", "cell", "message"),
    [
        ("conv3", {"axes": 1}, (0,), "network of 1 axes"),
        ("conv3", {"axes": 3}, (0, 0, 0), "network of 3 axes"),
        (
            "conv3",
            {"input_size": (9, 8)},
            (0, 0),
            "picture has 9 x 9 pixels, the input size is 9 x 8",
        ),
        ("conv3", {}, (9, 0), "no output 9,0"),
        ("conv3", {}, (0, 0, 0), "must be 2 numbers"),
        ("gap", {}, (0, 0), "the whole input"),
        ("tconv2s2", {"tconv_rule": "paper"}, (0, 0), "no whole pixels"),
        ("tconv1s2", {}, (1, 1), "output 1,1 sees nothing"),
        ("conv4097p9999", {}, (0, 0), "too large to draw"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    text: str, settings: dict[str, Any], cell: tuple[int, ...], message: str
) -> None:
    result = receptive_field(text, **settings)
    with pytest.raises(ArgumentError, match=message):
        draw_over_image(result, result.at, cell, plain(9, 9), name="x")


def test_a_picture_too_small_for_the_network_is_refused() -> None:
    result = receptive_field("conv5pv")
    with pytest.raises(LayerError, match="larger than the padded input"):
        draw_over_image(result, result.at, (0, 0), plain(3, 3), name="x")
