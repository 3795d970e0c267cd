"""Parameters and multiply-adds are counts of weights and of their uses."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.receptive.cost import Costs, costs
from dilcli.core.receptive.fields import receptive_field
from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.core.receptive.network import Branch
from dilcli.errors import ArgumentError, LayerError
from tests.receptive_cases import case, network_of
from tests.receptive_networks import conv, pool, stack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.core.receptive.network import Item


def cost(
    *items: Item, size: tuple[int, ...] | None = (6, 7), channels: Sequence[int] | None = None
) -> Costs:
    return costs(receptive_field(stack(*items), input_size=size), channels)


def uses(
    layer: Layer, before: int, after: int, groups: int, size: tuple[int, int]
) -> tuple[int, int]:
    """Go through every weight, and through every pixel it is multiplied with."""
    seen = {
        (out, into)
        for out, into in product(range(after), range(before))
        if out * groups // after == into * groups // before
    }
    taps = list(product(*map(range, layer.on_axes(2).kernel)))
    weights = list(product(seen, taps))
    places = list(product(*map(range, size)))
    return len(weights), sum(len(weights) for _ in places)


kernels = st.tuples(st.integers(1, 3), st.integers(1, 3))


@given(kernels, st.integers(1, 3), st.integers(1, 3), st.sampled_from(["conv", "tconv"]), st.data())
def test_weights_and_their_uses_are_counted(
    kernel: tuple[int, int], groups: int, stride: int, kind: str, data: st.DataObject
) -> None:
    before, after = (groups * data.draw(st.integers(1, 3)) for _ in range(2))
    layer = make_layer(kind, kernel, stride=(stride,), groups=groups, channels=after)
    result = receptive_field(stack(layer), input_size=(6, 7))
    found = costs(result, (before, after))
    # A weight of a transposed convolution meets every pixel of its input once.
    size = (6, 7) if kind == "tconv" else result.summary.output_size
    assert size is not None
    parameters, macs = uses(layer, before, after, groups, (size[0], size[1]))
    assert (found.parameters, found.macs) == ((parameters,), (macs,))
    assert (found.total_parameters, found.total_macs) == (parameters, macs)
    assert found.channels == (after,)


@given(kernels, st.integers(1, 5), st.integers(1, 3))
def test_a_depthwise_convolution_has_one_kernel_for_each_of_its_outputs(
    kernel: tuple[int, int], before: int, times: int
) -> None:
    layer = make_layer("dwconv", kernel, channels=before * times)
    found = cost(layer, channels=[before])
    assert found.parameters == (kernel[0] * kernel[1] * before * times,)
    assert found.channels == (before * times,)
    assert cost(make_layer("dwconv", kernel), channels=[before]).channels == (before,)


@given(st.integers(1, 7), st.integers(1, 4), st.integers(1, 9))
def test_dilation_changes_neither_parameters_nor_multiply_adds(
    kernel: int, stride: int, dilation: int
) -> None:
    dense = cost(conv(kernel, s=stride), conv(3), channels=(3, 8, 5))
    holed = cost(
        conv(kernel, s=stride, d=dilation if kernel > 1 else 1), conv(3, d=dilation),
        channels=(3, 8, 5),
    )  # fmt: skip
    assert dense == holed


def test_vgg_16_has_its_published_convolutions() -> None:
    network = network_of(case("vgg_16@None/pool5"))
    widths = (3, 64, 64, 128, 128, *[256] * 3, *[512] * 6)
    found = costs(receptive_field(network, input_size=(224, 224)), widths)
    # 14 714 688 with its 4224 biases; 15.3 billion multiply-adds (He et al. 2016, table 1).
    assert found.total_parameters == 14_714_688 - 4224
    assert found.total_macs == 15_346_630_656


@given(st.integers(1, 9), st.integers(1, 40), st.integers(1, 40))
def test_a_separable_convolution_costs_1_over_channels_plus_1_over_taps(
    kernel: int, before: int, after: int
) -> None:
    whole = cost(conv(kernel), size=(9, 9), channels=(before, after))
    split = cost(make_layer("dwconv", (kernel,)), conv(1), size=(9, 9), channels=(before, after))
    assert whole.total_macs is not None
    assert split.total_macs is not None
    # Howard et al., "MobileNets", 2017, section 3.1.
    share = Fraction(split.total_macs, whole.total_macs)
    assert share == Fraction(1, after) + Fraction(1, kernel**2)


def test_layers_without_weights_cost_nothing_and_keep_channels() -> None:
    items = [
        pool(2), make_layer("up", (2,)), make_layer("crop"), make_layer("id"), make_layer("gap"),
    ]  # fmt: skip
    found = cost(*items, channels=[7])
    assert found == Costs((7,) * 5, (0,) * 5, (0,) * 5, 0, 0)
    unknown = cost(*items, size=None)
    assert unknown == Costs((None,) * 5, (0,) * 5, (0,) * 5, 0, 0)


def test_concatenated_channels_add_up_and_added_ones_stay() -> None:
    pair = ((conv(3),), (conv(1),))
    joined = cost(Branch(pair, "concat"), conv(1), channels=(3, 4, 5, 6))
    assert joined.channels == (4, 5, 9, 6)
    assert joined.parameters == (9 * 3 * 4, 3 * 5, 0, 9 * 6)
    assert cost(Branch(pair, "add"), channels=(3, 4, 4)).channels == (4, 4, 4)
    assert cost(Branch(pair, "add"), channels=(3, 4, 1)).channels == (4, 1, 4)


def test_added_branches_of_different_channels_are_refused_and_named() -> None:
    with pytest.raises(LayerError, match=r"^layer 3 \(add\): .*\b4 and 5\b"):
        cost(Branch(((conv(3),), (conv(1),)), "add"), channels=(3, 4, 5))


def test_channels_of_the_layers_themselves_are_used_where_none_are_given() -> None:
    layers = [make_layer("conv", (3,), channels=n) for n in (8, 16)]
    found = cost(*layers)
    assert found.channels == (8, 16)
    # The input's are unknown, so the first layer's weights are.
    assert found.parameters == (None, 9 * 8 * 16)
    assert found.macs == (None, 9 * 8 * 16 * 42)
    assert (found.total_parameters, found.total_macs) == (None, None)


def test_without_a_size_there_are_parameters_but_no_multiply_adds() -> None:
    found = cost(conv(3), conv(3), size=None, channels=(3, 8, 8))
    assert found.total_parameters == 9 * 3 * 8 + 9 * 64
    assert found.macs == (None, None)
    assert found.total_macs is None


@pytest.mark.parametrize(
    ("channels", "named"),
    [((3,), "1 channels given, 3 needed"), ((3, 4, 5, 6), "4 .* 3 needed"), ((3, 0, 4), "got 0")],
)
def test_channels_that_do_not_fit_the_layers_are_refused(
    channels: tuple[int, ...], named: str
) -> None:
    with pytest.raises(ArgumentError, match=named):
        cost(conv(3), pool(2), conv(3), channels=channels)


@pytest.mark.parametrize("channels", [(3, 4), (4, 3)])
def test_groups_that_do_not_divide_the_channels_are_refused(channels: tuple[int, int]) -> None:
    layer = make_layer("conv", (3,), groups=2)
    with pytest.raises(LayerError, match=rf"^layer 1 \(conv3\): 2 groups .* {channels[0]} and"):
        cost(layer, channels=channels)


def test_a_layer_that_says_its_channels_has_them_whatever_came_before() -> None:
    part = make_layer("id", channels=4)
    found = costs(receptive_field(stack(conv(3), part, conv(1))), (3, 8, 16))
    assert found.channels == (8, 4, 16)
    assert found.parameters == (9 * 3 * 8, 0, 4 * 16)
