"""Maps of receptive fields, from a result to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilcli import files
from dilcli.core.receptive.holes import tap_rows
from dilcli.draw import field_map as drawing
from dilcli.errors import ArgumentError, ImageFileError
from dilcli.features.field_map import draw_field_map, map_bytes, write_map
from dilcli.features.receptive_fields import receptive_field

if TYPE_CHECKING:
    from pathlib import Path


def drawn_from(monkeypatch: pytest.MonkeyPatch, text: str, **settings: Any) -> tuple[Any, ...]:
    """Draw a network, and give what the figure was made of."""
    made = []

    def figure(taps: Any, heat: Any, *, title: str, facts: list[str]) -> Any:
        made.append((taps, heat, title, facts))
        return np.zeros((1, 1, 3), np.uint8)

    monkeypatch.setattr(drawing, "field_figure", figure)
    result = receptive_field(text, axes=settings.pop("axes", None))
    draw_field_map(result, settings.pop("index", result.at), name="a name", **settings)
    return made[0]


@settings(max_examples=30)
@given(st.lists(st.sampled_from(["conv3d2", "pool2", "conv2x5", "up2", "(conv3|id)"]), max_size=4))
def test_figures_have_the_taps_of_the_rows(layers: list[str]) -> None:
    result = receptive_field(" ".join(layers))
    _, rows = tap_rows(result, result.at)
    with pytest.MonkeyPatch.context() as patch:
        taps, heat, _, _ = drawn_from(patch, " ".join(layers))
    assert [sum(1 << int(x) for x in np.flatnonzero(row)) for row in taps] == rows
    assert taps.shape == result.summary.rf
    np.testing.assert_array_equal(heat > 0, taps)
    assert heat.sum() == pytest.approx(1)


def test_facts_say_what_tables_say(monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, title, facts = drawn_from(monkeypatch, "conv3d2 conv3d4 conv3d8")
    assert title == "a name"
    assert facts[0] == (
        "receptive field 29 x 29 · effective stride 1 x 1 · coverage 26.75% · sigma 7.48 x 7.48"
    )
    assert "max-pooling as a mean" in facts[1]


def test_facts_name_the_choice_that_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    *_, facts = drawn_from(monkeypatch, "conv3s2 tconv4s2p1 conv3")
    assert "of the output with the largest field" in facts[0]
    *_, facts = drawn_from(monkeypatch, "conv3", axes=3)
    assert "without the first axis" in facts[0]
    assert "sigma 0.82 x 0.82" in facts[0]
    *_, facts = drawn_from(monkeypatch, "conv3 conv3", axes=1)
    assert facts[0].startswith("receptive field 5 · effective stride 1 · ")


def test_without_the_effective_field_no_weights_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    _, heat, _, facts = drawn_from(monkeypatch, "conv3 pool2", erf=False)
    assert heat is None
    assert "sigma" not in "".join(facts)
    assert "Colour" not in "".join(facts)


def test_any_layer_can_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    taps, *_ = drawn_from(monkeypatch, "conv3 conv3 gap", index=1)
    assert taps.shape == (5, 5)
    taps, *_ = drawn_from(monkeypatch, "")
    assert taps.shape == (1, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gap", "the whole input"),
        ("conv4097", "4097 x 4097 pixels is too large"),
        ("conv3d400000", "too large"),
    ],
)
def test_what_cannot_be_drawn_is_refused(text: str, message: str) -> None:
    result = receptive_field(text)
    with pytest.raises(ArgumentError, match=message):
        draw_field_map(result, result.at, name="x")


@pytest.mark.parametrize("name", ["m.png", "m.TIF", "m.webp", "m.bmp"])
def test_a_file_holds_the_map_as_it_was_drawn(tmp_path: Path, name: str) -> None:
    result = receptive_field("conv3 conv3d2")
    pixels = draw_field_map(result, result.at, name="x")
    write_map(pixels, tmp_path / name)
    np.testing.assert_array_equal(files.read(tmp_path / name).frames[0], pixels)


def test_a_map_can_be_a_jpeg(tmp_path: Path) -> None:
    result = receptive_field("conv3")
    write_map(draw_field_map(result, result.at, name="x"), tmp_path / "m.jpg")
    assert files.inspect(tmp_path / "m.jpg").format == "jpeg"


def test_an_existing_file_is_kept_unless_it_may_be_overwritten(tmp_path: Path) -> None:
    pixels = np.zeros((2, 2, 3), np.uint8)
    path = tmp_path / "m.png"
    path.write_bytes(b"mine")
    with pytest.raises(ImageFileError, match="output exists"):
        write_map(pixels, path)
    assert path.read_bytes() == b"mine"
    write_map(pixels, path, overwrite=True)
    assert path.read_bytes() == map_bytes(pixels)
    with pytest.raises(ImageFileError, match="no format is known"):
        write_map(pixels, tmp_path / "m.xyz")
