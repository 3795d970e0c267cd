"""Several axes at once: a union of products holds exactly the pixels that are seen."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilcli.core.receptive.fields import receptive_field
from dilcli.core.receptive.layers import make_layer
from dilcli.core.receptive.network import Branch, Network
from dilcli.core.receptive.states import apply_layer, meet, picture
from dilcli.errors import LayerError
from tests.receptive_networks import conv, networks, pool, stack
from tests.receptive_reference import seen


def pixels(network: Network, cell: tuple[int, ...]) -> set[tuple[int, ...]]:
    """Spell the products of the network's last state out for one output."""
    state = receptive_field(network).states[network.output]
    found: set[tuple[int, ...]] = set()
    for path in state.paths:
        sights = [axis.at(o) for axis, o in zip(path, cell, strict=True)]
        found.update(
            product(
                *(
                    [int(s.first) + i for i in range(s.width) if (s.mask or 0) >> i & 1]  # type: ignore[arg-type]
                    for s in sights
                )
            )
        )
    return found


@given(networks(2), st.tuples(st.integers(-5, 9), st.integers(-5, 9)))
def test_the_products_of_the_paths_hold_what_an_output_sees(
    network: Network, cell: tuple[int, int]
) -> None:
    assert pixels(network, cell) == seen(network, cell)


@given(networks(3, most=2), st.tuples(*[st.integers(-3, 5)] * 3))
@settings(max_examples=20)
def test_the_products_of_three_axes_too(network: Network, cell: tuple[int, int, int]) -> None:
    assert pixels(network, cell) == seen(network, cell)


def test_a_path_inside_another_is_dropped() -> None:
    block = Branch(((conv(1), conv(3), conv(1)), ()))
    state = receptive_field(stack(*[block] * 30)).states[-2]
    assert len(state.paths) == 1
    assert state.axes == state.paths[0]


def test_crossing_paths_are_kept() -> None:
    tall, wide = (make_layer("conv", size) for size in ((5, 1), (1, 5)))
    assert len(receptive_field(stack(Branch(((tall,), (wide,))))).states[-2].paths) == 2


def test_meeting_of_unknown_paddings_are_centred_and_say_how_far_each_was_moved() -> None:
    network = stack(Branch(((conv(1, s=2),), (conv(5, s=2, p="same"),), (conv(3, s=2),))), axes=1)
    state = receptive_field(network).states[network.output]
    assert state.axes[0].sights[0].width == 5
    assert not state.misaligned
    # SAME is taken to begin 2 before: the middle tap stands on pixel 0, as the others' do.
    assert state.shifts == ((0,), (0,), (0,))
    wider = stack(Branch(((conv(1, s=2, p=(3, -3)),), (conv(5, s=2, p="same"),))), axes=1)
    assert receptive_field(wider).states[wider.output].shifts == ((3,), (0,))


def test_unknown_padding_before_a_fork_does_not_hide_how_its_branches_meet() -> None:
    stem, other = conv(3, s=2, p="same"), conv(3, p=(2, 0))
    good = stack(stem, Branch(((conv(3),), ())))
    bad = stack(stem, Branch(((other,), ())))
    assert receptive_field(good).summary.aligned is None
    assert receptive_field(bad).summary.aligned is False


def test_what_is_pooled_globally_meets_any_size_and_stride() -> None:
    begin = picture(2, (8, 9))
    whole = apply_layer(begin, make_layer("gap").on_axes(2), 0, paper=False)
    met = meet([whole, apply_layer(begin, pool(2).on_axes(2), 1, paper=False)], 2)
    assert (met.size, met.whole, met.misaligned) == ((4, 4), True, False)
    assert [axis.stride for axis in met.axes] == [2, 2]
    again = meet([whole, whole], 3)
    assert (again.size, again.whole, again.axes) == ((1, 1), True, ())


def test_strides_that_differ_on_one_axis_only_are_refused() -> None:
    begin = picture(2, None)
    ways = [
        apply_layer(begin, make_layer("conv", (1,), stride=stride).on_axes(2), i, paper=False)
        for i, stride in enumerate([(2, 1), (2, 2)])
    ]
    with pytest.raises(LayerError, match=r"2x1 in branch 1 and 2x2 in branch 2"):
        meet(ways, 2)
    assert meet([ways[0], ways[0]], 2).paths == ways[0].paths


def test_fractional_strides_that_differ_are_written_as_fractions() -> None:
    ups = tuple((make_layer("up", (factor,)),) for factor in (2, 3))
    with pytest.raises(LayerError, match=r"1/2x1/2 in branch 1 and 1/3x1/3 in branch 2"):
        receptive_field(stack(Branch(ups)))


def test_many_small_modules_of_crossing_branches_take_no_time() -> None:
    tall, wide = (make_layer("conv", size) for size in ((3, 1), (1, 3)))
    network = stack(*[Branch(((tall,), (wide,), ()))] * 40)
    found = receptive_field(network).summary
    # A diamond: 40 steps up, down, left or right.
    assert found.rf == (81, 81)
    assert found.coverage is not None
    assert found.coverage * 81 * 81 == 2 * 40 * 41 + 1


def _crosses(count: int) -> list[Branch]:
    lines = [
        make_layer("conv", size, dilation=(d,)) for d in range(1, count + 1) for size in _SIDES
    ]
    return [Branch(((lines[i],), (lines[i + 1],))) for i in range(0, len(lines), 2)]


_SIDES = ((3, 1), (1, 3))


def test_too_many_crossing_paths_leave_the_axes_known_and_the_coverage_unknown() -> None:
    few, many = (receptive_field(stack(*_crosses(count))) for count in (4, 9))
    assert few.summary.coverage is not None
    assert many.summary.coverage is None
    assert many.states[many.at].paths == ()
    # Along an axis the tallest stack decides, however the others are made.
    assert many.summary.rf == (1 + 2 * sum(range(1, 10)),) * 2
    assert many.summary.gap == (1, 1)
    further = receptive_field(stack(*_crosses(9), conv(3), Branch(((conv(3),), ()))))
    assert further.summary.rf == (many.summary.rf[0] + 4,) * 2 if many.summary.rf else None
