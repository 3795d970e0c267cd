"""Weights in the box that is drawn, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from dilcli.core.receptive.profile import profile
from dilcli.errors import ArgumentError
from dilcli.features.field_weights import hold_limit, refuse_unseen, weights_in_box
from dilcli.features.receptive_fields import receptive_field


def test_weights_lie_in_their_box() -> None:
    result = receptive_field("conv3x1d2 conv1x3")
    box = weights_in_box(result, result.at, (0, 0), (-2, -1), (5, 3))
    rows, columns = (profile(result, axis) for axis in (0, 1))
    np.testing.assert_allclose(box, np.outer(rows, columns))
    wide = weights_in_box(result, result.at, (0, 0), (-4, -4), (9, 9))
    np.testing.assert_array_equal(wide[2:7, 3:6], box)
    assert wide.sum() == pytest.approx(1)


def test_boxes_up_to_sixteen_million_pixels_are_drawn() -> None:
    hold_limit([4096, 4096])
    hold_limit([1, 2**24])
    with pytest.raises(ArgumentError, match="4097 x 4096 pixels is too large"):
        hold_limit([4097, 4096])


@pytest.mark.parametrize(
    ("text", "rule", "message"),
    [
        ("conv3 gap", "exact", "the whole input"),
        ("conv3 (gap|conv3)", "exact", "the whole input"),
        ("tconv2s2 conv3", "paper", "no whole pixels"),
    ],
)
def test_what_has_no_box_of_pixels_is_refused(text: str, rule: str, message: str) -> None:
    result = receptive_field(text, tconv_rule=rule)
    with pytest.raises(ArgumentError, match=message):
        refuse_unseen(result, result.at)
    refuse_unseen(receptive_field(text), 0)
