"""The scale bar: its colours are those of the panels, its numbers those of the values."""

from __future__ import annotations

import numpy as np
import pytest

from dilcli.draw import scale_bars
from dilcli.draw.colours import signed_colours
from dilcli.draw.scale_bars import scale_bar


def written(monkeypatch: pytest.MonkeyPatch, *meanings: tuple[str, float]) -> list[str]:
    texts = []

    def write(canvas: np.ndarray, text: str, at: tuple[int, int], **_: object) -> None:
        texts.append(text)

    monkeypatch.setattr(scale_bars, "write", write)
    scale_bar(meanings, 300)
    return texts


def test_the_bar_goes_from_the_least_colour_by_grey_to_the_largest() -> None:
    top = scale_bar([("response", 5.0)], 301)[0]
    coloured = np.flatnonzero((top != 255).any(axis=1))
    assert len(coloured) == 301
    for place, value in ((0, -1.0), (150, 0.0), (300, 1.0)):
        assert top[coloured[place]].tolist() == signed_colours(value).tolist()


def test_each_meaning_has_its_own_line_of_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = written(monkeypatch, ("response", 60.0), ("difference, x4", 15.0))
    assert texts[:6] == ["response", "-60", "-30", "0", "+30", "+60"]
    assert texts[6:] == ["difference, x4", "-15", "-7.5", "0", "+7.5", "+15"]


@pytest.mark.parametrize(
    ("limit", "texts"),
    [
        (3000.0, ["-3000", "-1500", "0", "+1500", "+3000"]),
        (0.024, ["-0.024", "-0.012", "0", "+0.012", "+0.024"]),
        (5e-9, ["-5e-09", "-2.5e-09", "0", "+2.5e-09", "+5e-09"]),
        (2e7, ["-2e+07", "-1e+07", "0", "+1e+07", "+2e+07"]),
    ],
)
def test_numbers_are_written_as_people_write_them(
    monkeypatch: pytest.MonkeyPatch, limit: float, texts: list[str]
) -> None:
    assert written(monkeypatch, ("x", limit))[1:] == texts


def test_nothing_is_cut_off() -> None:
    bar = scale_bar([("response", 12345.0), ("difference, x16", 771.5)], 200)
    assert (bar[:, -1] == 255).all()
    assert (bar[-1] == 255).all()
