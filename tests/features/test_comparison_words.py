"""What is said of a comparison."""

from __future__ import annotations

import numpy as np

from dilcli.features.comparison_words import (
    decimal,
    figure_words,
    identity_text,
    settings_text,
    title,
)
from tests.features.test_compare import run

PIXELS = np.random.default_rng(0).random((16, 20))
PANELS = ("input", "dilated", "implant", "bilinear", "difference")


def test_the_title_names_picture_kernel_and_rate() -> None:
    assert title(run(PIXELS, (2, 2))) == "a.npy: gaussian-dy 7x7 at dilation 2"
    assert title(run(PIXELS, (2, 3))).endswith("at dilation 2x3")


def test_only_settings_that_are_not_usual_are_said() -> None:
    assert settings_text(run(PIXELS)) == "16x20 pixels, all channels, boundary reflect"
    made = run(PIXELS, prefilter="box", align="half-pixel", phases="all")
    assert settings_text(made).endswith("prefilter box, align half-pixel, phases all")
    assert "prefilter" not in settings_text(run(PIXELS, (1, 1), prefilter="box"))


def test_the_identity_is_exact_or_told_how_far_it_is_off() -> None:
    assert identity_text(run(PIXELS)) == "80 sampled positions, exact"
    assert "prefiltered" in identity_text(run(PIXELS, prefilter="b3"))
    assert "max |diff|" in identity_text(run(PIXELS, border="decimate-first"))


def test_each_panel_has_its_numbers() -> None:
    words = figure_words(run(PIXELS)._replace(input="/a/folder/b.png"), PANELS)
    assert words["title"] == "b.png: gaussian-dy 7x7 at dilation 2"
    assert set(PANELS) <= set(words["captions"])
    assert "25% of the positions" in words["captions"]["implant"][0]
    assert any("PSNR" in line for line in words["captions"]["bilinear"])
    assert words["captions"]["difference"][0] == "at most 0 at sampled positions"
    assert "exact" in words["facts"][1]
    assert "difference" not in figure_words(run(PIXELS), ("dilated",))["captions"]


def test_what_is_no_number_is_a_dash() -> None:
    assert decimal(float("nan")) == decimal(None) == "-"
