"""What recipes are called in names, lines and records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from dilcli.core.denoising import denoising
from dilcli.core.kernels import parse_kernel
from dilcli.core.noise_found import NoiseFound
from dilcli.core.recipe import Recipe
from dilcli.core.starlet_recipe import Background, Enhancing, Planes, StarletRecipe
from dilcli.features.outcome import Outcome
from dilcli.features.recipe_words import (
    clipping_remedy,
    default_template,
    made_how,
    makes_planes,
    multiply_adds,
    name_fields,
    noise_notes,
    noise_record,
    settings_record,
    starlet_of,
)

if TYPE_CHECKING:
    from dilcli.core.treatment import Treatment

BOX = Recipe(parse_kernel("box"), ((2, 2), (1, 3)), "sum")
CLEAN = StarletRecipe(denoising(2, poisson=(2, 1, 0)), parse_kernel("linear"), levels=2)
SHARP = StarletRecipe(Enhancing((2.0, 1.0), 0.0), parse_kernel("b3"), levels=2, luma=True)
SKY = StarletRecipe(Background(), parse_kernel("b3"), levels=2, generation=2)
FOUND = NoiseFound((5.0, 0.0), True, ((1.0, 0.0), (2.0, 0.0)), ((0.25, 1.0), (0.5, 1.0)))


def _outcome(recipe: Treatment, **facts: object) -> Outcome:
    return Outcome("a.png", "b.png", "ok", recipe, **facts)  # type: ignore[arg-type]


def test_kinds_of_recipes_are_told_apart() -> None:
    assert starlet_of(BOX) is None
    assert starlet_of(CLEAN) is CLEAN
    apart = StarletRecipe(Planes("float32"), parse_kernel("b3"))
    assert [makes_planes(each) for each in (BOX, CLEAN, SKY, apart)] == [False] * 3 + [True]
    assert default_template(apart) == "{stem}_planes{ext}"


@pytest.mark.parametrize(
    ("recipe", "template", "fields"),
    [
        (BOX, "{stem}_{kernel}_d{dilation}{ext}", {"kernel": "box", "dilation": "2-1x3"}),
        (CLEAN, "{stem}_denoised{ext}", {"kernel": "linear"}),
        (SHARP, "{stem}_enhanced{ext}", {"kernel": "b3"}),
        (SKY, "{stem}_background{ext}", {"kernel": "b3"}),
    ],
)
def test_outputs_are_named_by_what_is_done(
    recipe: Treatment, template: str, fields: dict[str, str]
) -> None:
    assert default_template(recipe) == template
    assert name_fields(recipe) == fields


def test_records_hold_the_settings_as_plain_values() -> None:
    assert settings_record(BOX) == {
        "kernel": "box",
        "dilation": [[2, 2], [1, 3]],
        "effective_size": [[5, 5], [3, 7]],
        "taps": 9,
        "boundary": "reflect",
    }
    clean = settings_record(CLEAN)
    assert (clean["made"], clean["ksigma"], clean["poisson"]) == ("denoised", [4, 3], [2, 1, 0])
    sharp = settings_record(SHARP)
    assert (sharp["gain"], sharp["residual_gain"], sharp["channels"]) == ([2, 1], 0, "luma")
    sky = settings_record(SKY)
    assert (sky["made"], sky["generation"], sky["levels"]) == ("background", 2, 2)
    for recipe in (BOX, CLEAN, SHARP, SKY):
        assert json.loads(json.dumps(settings_record(recipe))) == settings_record(recipe)


def test_multiply_adds_are_those_of_all_rates_and_levels() -> None:
    assert multiply_adds(BOX) == 18
    assert multiply_adds(CLEAN) == 2 * 3 * 2
    assert multiply_adds(SKY) == 2 * 5 * 2 * 3


def test_a_line_says_how_samples_were_made() -> None:
    assert made_how(_outcome(BOX, response="clip")) == "response clip"
    assert made_how(_outcome(SHARP)) == "enhanced, 2 levels"
    one = made_how(_outcome(CLEAN, noise=(FOUND,)))
    assert one == "denoised, 2 levels, sigma 5, 0, details kept 62.5%, 75.0%"
    two = made_how(_outcome(CLEAN, noise=(FOUND, FOUND)))
    assert "sigma 5, 0 in the first frame, details" in two


def test_clipping_has_a_remedy_of_each_kind() -> None:
    deeper = "--depth float with a .tif or .npy"
    assert clipping_remedy(_outcome(CLEAN)) == deeper
    wanted = f"--response offset or minmax, or {deeper}"
    assert clipping_remedy(_outcome(BOX, response="clip")) == wanted


def test_a_median_of_0_is_said_for_each_frame_and_channel() -> None:
    assert noise_notes(()) == ()
    (note,) = noise_notes((FOUND,))
    assert note.startswith("channel 1: the median of the finest details is 0")
    assert "--sigma" in note
    notes = noise_notes((FOUND, NoiseFound((1.0,), True, (), ()), FOUND))
    assert [note.partition(":")[0] for note in notes] == [
        "frame 0, channel 1",
        "frame 2, channel 1",
    ]
    given = NoiseFound((0.0,), False, (), ())
    assert noise_notes((given,)) == ()


def test_what_was_found_of_noise_is_recorded_by_frame_level_and_channel() -> None:
    assert noise_record(_outcome(BOX)) == {}
    assert noise_record(_outcome(SHARP)) == {"noise": []}
    (frame,) = noise_record(_outcome(CLEAN, noise=(FOUND,)))["noise"]
    assert (frame["sigma"], frame["estimated"]) == ([5, 0], True)
    assert frame["levels"][1] == {"level": 2, "threshold": [2, 0], "kept_fraction": [0.5, 1]}
