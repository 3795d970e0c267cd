"""The kernel record: its sums, its taps, and the texts that name one."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.kernels import Kernel, Tap, named_kernels, parse_kernel
from dilcli.errors import ArgumentError, KernelError

WEIGHTS = st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(
    lambda shape: st.lists(
        st.lists(
            st.floats(-1e6, 1e6).filter(lambda w: w == 0 or abs(w) > 1e-6),
            min_size=shape[1],
            max_size=shape[1],
        ),
        min_size=shape[0],
        max_size=shape[0],
    )
)
DILATIONS = st.tuples(st.integers(1, 9), st.integers(1, 9))


def kernel(rows: Any, name: str = "custom") -> Kernel:
    return Kernel(rows, name)


@given(WEIGHTS)
def test_sums_agree_with_one_another(rows: list[list[float]]) -> None:
    k = kernel(rows)
    assert math.isclose(k.positive - k.negative, k.total, rel_tol=1e-12, abs_tol=1e-9 * k.l1)
    assert math.isclose(k.positive + k.negative, k.l1, rel_tol=1e-12)
    assert k.is_non_negative == (k.negative == 0)


@given(WEIGHTS)
def test_kernels_of_equal_weights_are_equal_and_hash_alike(rows: list[list[float]]) -> None:
    assert kernel(rows) == kernel(tuple(map(tuple, rows)))
    assert hash(kernel(rows)) == hash(kernel(rows))


@given(WEIGHTS, DILATIONS)
def test_taps_are_the_non_zero_weights_at_multiples_of_the_dilation(
    rows: list[list[float]], dilation: tuple[int, int]
) -> None:
    k = kernel(rows)
    taps = k.taps(dilation)
    assert [tap.weight for tap in taps] == [w for row in k.weights for w in row if w]
    assert all(tap.dy % dilation[0] == 0 and tap.dx % dilation[1] == 0 for tap in taps)


@given(WEIGHTS, DILATIONS)
def test_dilation_multiplies_every_offset(
    rows: list[list[float]], dilation: tuple[int, int]
) -> None:
    k = kernel(rows)
    spread = [(t.dy * dilation[0], t.dx * dilation[1], t.weight) for t in k.taps()]
    assert spread == [tuple(t) for t in k.taps(dilation)]


@given(WEIGHTS, DILATIONS)
def test_convolution_is_correlation_with_the_kernel_turned_about_its_origin(
    rows: list[list[float]], dilation: tuple[int, int]
) -> None:
    k = kernel(rows)
    height, width = k.shape
    turned = kernel([row[::-1] for row in k.weights[::-1]])
    y, x = k.origin()
    assert set(k.taps(dilation, convolve=True)) == set(
        turned.taps(dilation, (height - 1 - y, width - 1 - x))
    )


@given(WEIGHTS, DILATIONS, st.booleans())
def test_reach_is_the_farthest_tap_on_each_side(
    rows: list[list[float]], dilation: tuple[int, int], convolve: bool
) -> None:
    k = kernel(rows)
    taps = k.taps(dilation, convolve=convolve)
    (up, down), (left, right) = k.reach(dilation, convolve=convolve)
    assert min(up, down, left, right) >= 0
    assert all(-up <= t.dy <= down and -left <= t.dx <= right for t in taps)
    height, width = k.effective_size(dilation)
    assert up + down + 1 <= height
    assert left + right + 1 <= width


def test_the_origin_of_an_even_kernel_is_the_tap_after_the_middle() -> None:
    assert kernel([[1, 2, 3, 4]]).taps((1, 3)) == (
        Tap(0, -6, 1.0), Tap(0, -3, 2.0), Tap(0, 0, 3.0), Tap(0, 3, 4.0),
    )  # fmt: skip


def test_the_default_origin_is_half_the_size_rounded_down_on_both_axes() -> None:
    for rows in range(1, 6):
        for columns in range(1, 6):
            assert kernel([[1] * columns] * rows).origin() == (rows // 2, columns // 2)


def test_an_origin_of_ones_own_moves_all_taps() -> None:
    assert [t.dx for t in kernel([[1, 2, 3]]).taps((1, 2), origin=(0, 0))] == [0, 2, 4]


@pytest.mark.parametrize("origin", [(-1, 0), (0, 3), (1, 0)])
def test_an_origin_outside_the_kernel_is_refused(origin: tuple[int, int]) -> None:
    with pytest.raises(ArgumentError, match="outside the 1 x 3 kernel"):
        kernel([[1, 2, 3]]).taps(origin=origin)


@pytest.mark.parametrize("dilation", [(0, 1), (1, -2)])
def test_a_dilation_below_one_is_refused(dilation: tuple[int, int]) -> None:
    with pytest.raises(ArgumentError, match="at least 1"):
        kernel([[1]]).taps(dilation)
    with pytest.raises(ArgumentError, match="at least 1"):
        kernel([[1]]).effective_size(dilation)


def test_the_effective_size_follows_deeplab() -> None:
    """The paper's ke = k + (k - 1)(r - 1), arXiv 1606.00915."""
    for k in range(1, 8):
        for r in range(1, 8):
            size = kernel([[1] * k] * 3).effective_size((2, r))
            assert size == (5, k + (k - 1) * (r - 1))


def test_a_kernel_of_zeros_has_no_taps_and_no_reach() -> None:
    k = kernel([[0, -0.0], [0, 0]])
    assert k.taps() == ()
    assert k.reach((5, 5)) == ((0, 0), (0, 0))
    assert k.is_zero_sum
    assert math.copysign(1, k.weights[0][1]) == 1


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "no weights"),
        ([[]], "no weights"),
        ([[1, 2], [3]], "row 2 has 1 value, row 1 has 2"),
        ([[1, math.nan]], "row 1, column 2 is not finite"),
        ([[1], [-math.inf]], "row 2, column 1 is not finite"),
    ],
)
def test_what_is_no_table_of_finite_numbers_is_refused(rows: Any, message: str) -> None:
    with pytest.raises(KernelError, match=message):
        kernel(rows)


def test_zero_sum_is_measured_beside_the_absolute_weights() -> None:
    assert kernel([[1, -1 + 1e-7]]).is_zero_sum
    assert not kernel([[1e-9, -2e-9]]).is_zero_sum


@given(WEIGHTS)
def test_normalized_kernels_sum_to_one(rows: list[list[float]]) -> None:
    k = kernel(rows, "mine")
    if k.l1:
        assert math.isclose(k.normalized("l1").l1, 1)
    if not k.is_zero_sum:
        assert math.isclose(k.normalized("sum").total, 1, rel_tol=1e-9)
    assert k.normalized("none") is k


def test_normalizing_keeps_the_name() -> None:
    assert parse_kernel("sobel-x").normalized("l1").name == "sobel-x"


def test_a_zero_sum_kernel_cannot_be_normalized_by_its_sum() -> None:
    with pytest.raises(KernelError, match=r"sums to 0.*l1"):
        parse_kernel("sobel-x").normalized("sum")
    with pytest.raises(KernelError, match="only zero weights"):
        kernel([[0]]).normalized("l1")
    with pytest.raises(ArgumentError, match="none, sum, l1"):
        kernel([[1]]).normalized("max")


def test_scaling_multiplies_every_weight_and_refuses_to_overflow() -> None:
    assert kernel([[1, -2]]).scaled(0.5).weights == ((0.5, -1.0),)
    with pytest.raises(KernelError, match="not finite"):
        kernel([[1e300]]).scaled(1e300)


def test_names_and_weights_are_told_apart() -> None:
    assert parse_kernel(" box:5 ").name == "box"
    assert parse_kernel("1 2; 3 4") == kernel([[1, 2], [3, 4]])


def test_nothing_here_opens_files() -> None:
    with pytest.raises(KernelError, match="file reference"):
        parse_kernel("@kernel.npy")


@pytest.mark.parametrize("name", [record.name for record in named_kernels()])
def test_every_named_kernel_parses_by_its_name(name: str) -> None:
    k = parse_kernel(name)
    assert k.name == name
    assert k.factors() is None or k.rank == 1
