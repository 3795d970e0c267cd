"""What has no meaning in a layer is refused, with its value and what would be right."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.receptive.checks import all_sizes, did_you_mean
from dilcli.core.receptive.layers import make_layer
from dilcli.errors import LayerError


@pytest.mark.parametrize(
    ("kind", "kernel", "more", "message"),
    [
        ("conv", (0,), {}, r"conv0: kernel must be at least 1 \(got 0\)"),
        ("conv", (3, -1), {}, r"conv3x-1: kernel must be at least 1 \(got -1\)"),
        ("conv", (3,), {"stride": (0,)}, r"conv3: stride must be at least 1 \(got 0\)"),
        ("conv", (3,), {"dilation": (0,)}, r"dilation starts at 1 \(dense\), got 0; .*cs231n.*g0"),
        ("conv", (1,), {"dilation": (2,)}, "conv1: a kernel of 1 has no taps .*as in conv3d2"),
        ("conv", (), {}, "1, 2 or 3 axes"),
        ("conv", (3,) * 4, {}, "conv3x3x3x3: sizes are given for 1, 2 or 3 axes"),
        ("conv", (3, 5), {"dilation": (1, 2, 3)}, "different numbers of axes"),
        ("conv", (3, 5), {"padding": [(1, 1)] * 3}, "different numbers of axes"),
        ("conv", (3,), {"padding": []}, "1, 2 or 3 axes"),
        ("conv", (10**6 + 1,), {}, "1000001 is too large"),
        ("conv", (3,), {"dilation": (10**9 + 1,)}, "1000000001 is too large"),
        ("conv", (3,), {"padding": [(0, -(10**9) - 1)]}, "padding goes to 1000000000"),
        ("conv", (3,), {"output_padding": (1,)}, "output_padding .* for tconv only"),
        ("tconv", (3,), {"output_padding": (-1,)}, "output_padding is at least 0"),
        ("conv", (3,), {"mode": "bilinear"}, "for up only"),
        ("up", (2,), {"mode": "cubic"}, "nearest or bilinear.*'cubic'"),
        ("up", (2,), {"stride": (3,)}, "up2: up has one factor"),
        ("up", (2,), {"dilation": (2,)}, "up2: up has one factor"),
        ("up", (2,), {"padding": [(1, 1)]}, "up has no padding"),
        ("gap", (1,), {"padding": [(1, 1)]}, "gap has no padding"),
        ("gap", (7,), {}, "gap has no kernel, stride or dilation"),
        ("id", (1,), {"stride": (2,)}, "id has no kernel, stride .*conv1s2"),
        ("conv", (3,), {"channels": 0}, "channels and groups must be at least 1"),
        ("conv", (3,), {"groups": 0}, "channels and groups must be at least 1"),
    ],
)
def test_each_number_out_of_its_range_is_named(
    kind: str, kernel: tuple[int, ...], more: dict[str, Any], message: str
) -> None:
    with pytest.raises(LayerError, match=message) as caught:
        make_layer(kind, kernel, **more)
    assert "\n" not in str(caught.value)


NUMBERS = st.lists(st.integers(-2, 10**10), max_size=4).map(tuple)


@given(
    st.text(max_size=5) | st.sampled_from(["conv", "pool", "up", "gap", "crop", "tconv"]),
    NUMBERS,
    st.none() | NUMBERS,
    NUMBERS,
    st.none() | st.text(max_size=4) | st.lists(st.tuples(st.integers(), st.integers())),
)
def test_any_numbers_make_a_layer_or_are_refused(
    kind: str,
    kernel: tuple[int, ...],
    stride: tuple[int, ...] | None,
    dilation: tuple[int, ...],
    padding: Any,
) -> None:
    with suppress(LayerError):
        layer = make_layer(kind, kernel, stride=stride, dilation=dilation, padding=padding)
        assert min(*layer.kernel, *layer.stride, *layer.dilation) >= 1
        assert layer.on_axes(max(len(sizes) for sizes in all_sizes(layer)))


@given(st.text(), st.lists(st.text(), max_size=40))
def test_a_hint_is_short_however_many_words_are_known(word: str, known: list[str]) -> None:
    hint = did_you_mean(word, known)
    assert hint.startswith(("; did you mean ", " (known: "))
    assert did_you_mean("qqqq", (f"zz{n}" for n in range(10**3))).count(",") == 20


def test_the_nearest_word_is_suggested() -> None:
    assert did_you_mean("dilatoin", ["kernel", "dilation"]) == "; did you mean 'dilation'?"
