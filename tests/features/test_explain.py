"""What is said about a kernel is what it does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.errors import ArgumentError
from dilcli.features.explain import explain
from tests.reference import loops

BOUNDARIES = ["reflect", "mirror", "nearest", "wrap", "constant"]


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(BOUNDARIES),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.floats(-300, 300),
)
def test_no_image_answers_outside_the_bounds_and_the_worst_one_reaches_them(
    seed: int, boundary: str, dilation: tuple[int, int], fill: float
) -> None:
    rng = np.random.default_rng(seed)
    kernel = Kernel(rng.integers(-5, 6, rng.integers(1, 5, 2)).tolist())
    weights = np.array(kernel.weights)
    e = explain(kernel, dilation=dilation, boundary=boundary, fill=fill, bias=2)
    low, high = e.response
    image = rng.integers(0, 256, (7, 6)).astype(float)
    got = loops(image, weights, dilation=dilation, boundary=boundary, fill=fill) + 2
    slack = 1e-9 * (1 + kernel.l1 * 300)
    assert low - slack <= got.min()
    assert got.max() <= high + slack
    if boundary != "constant":
        worst = np.zeros((41, 41))
        for tap in e.taps:
            worst[20 + tap.dy, 20 + tap.dx] = 255 * (tap.weight > 0)
        reached = loops(worst, weights, dilation=dilation, boundary=boundary)[20, 20] + 2
        assert reached == pytest.approx(high)


def test_the_numbers_of_a_well_known_kernel() -> None:
    e = explain(parse_kernel("sobel-y"), dilation=(2, 3), boundary="symmetric")
    assert e.boundary == "reflect"
    assert e.effective_size == (5, 7)
    assert e.padding == ((2, 2), (3, 3))
    assert e.response == (-1020.0, 1020.0)
    assert (e.rank, e.total, e.l1, e.origin) == (1, 0.0, 8.0, (1, 1))
    assert [tap[:2] for tap in e.taps] == [(-2, -3), (-2, 0), (-2, 3), (2, -3), (2, 0), (2, 3)]


def test_a_fill_outside_the_samples_widens_the_response_only_if_it_is_read() -> None:
    assert explain(parse_kernel("box"), boundary="zero", fill=-9).response == (-9.0, 255.0)
    assert explain(parse_kernel("identity"), boundary="zero", fill=-9).response == (0.0, 255.0)


def test_a_record_can_be_compared_and_hashed() -> None:
    a, b = (explain(parse_kernel("b3"), dilation=(2, 2)) for _ in range(2))
    assert a == b
    assert hash(a) == hash(b)


@pytest.mark.parametrize(
    "wrong", [{"dilation": (0, 1)}, {"origin": (3, 0)}, {"boundary": "refelct"}, {"stride": (0, 1)}]
)
def test_what_has_no_meaning_is_refused(wrong: Any) -> None:
    with pytest.raises(ArgumentError):
        explain(parse_kernel("box"), **wrong)
