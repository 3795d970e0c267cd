"""Variances are exact for uniform weights, and Luo's size is that of the literature."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilcli.core.receptive.effective import Effective, effective, variances
from dilcli.core.receptive.fields import receptive_field
from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.core.receptive.network import PICTURE, Branch
from tests.receptive_cases import CASES, case, network_of
from tests.receptive_measures import luo_size, worst_variance
from tests.receptive_networks import chains_of, conv, networks, stack
from tests.receptive_reference import along, shares

if TYPE_CHECKING:
    from dilcli.core.receptive.network import Network


def variance_of(network: Network) -> tuple[Fraction, ...]:
    found = variances(receptive_field(network))[network.output]
    assert found is not None
    return found


def measured(network: Network) -> Effective:
    found = effective(receptive_field(network))
    assert found is not None
    return found


@given(st.integers(1, 2).flatmap(networks))
def test_the_variance_of_every_node_is_that_of_weights_followed_back(network: Network) -> None:
    for at, found in enumerate(variances(receptive_field(network))):
        assert found == tuple(worst_variance(network, axis, at) for axis in range(network.axes))


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_bilinear_upsampling_weighs_by_distance_as_it_interpolates(factor: int) -> None:
    network = stack(make_layer("up", (factor,), mode="bilinear"), axes=1)
    # For a factor of 2 every output takes 3/4 and 1/4: 3/16, not the 1/4 of equal halves.
    assert variance_of(network) == (worst_variance(network, 0),)


@given(chains_of(2, most=6, ups=False))
def test_on_a_single_path_the_variance_is_the_closed_form(network: Network) -> None:
    for axis, found in enumerate(variance_of(network) if network.nodes else ()):
        expected, jump = Fraction(0), 1
        for node in network.nodes:
            assert isinstance(node.layer, Layer)
            step = jump * node.layer.dilation[axis]
            expected += Fraction(step**2 * (node.layer.kernel[axis] ** 2 - 1), 12)
            jump *= node.layer.stride[axis]
        assert found == expected


RECORDS = [record for record in CASES if "erf_variance" in record["expected"]]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["name"])
def test_variances_of_published_stacks(record: dict[str, Any]) -> None:
    expected = Fraction(*record["expected"]["erf_variance"])
    assert variance_of(network_of(record)) == (expected, expected)


def test_a_skip_connection_halves_the_variance() -> None:
    plain = stack(*[conv(3)] * 10)
    residual = stack(*[Branch(((conv(3),), ()))] * 10)
    assert variance_of(plain) == (Fraction(20, 3),) * 2
    assert variance_of(residual) == (Fraction(10, 3),) * 2


def yu(*rates: int) -> Network:
    return stack(*(conv(3, d=rate) for rate in rates))


# A network, its receptive field, sigma, Luo's size and its share of the field, from RF.md.
TABLE = {
    "5 layers": (stack(*[conv(3)] * 5), 11, 1.826, 8.31),
    "10 layers": (stack(*[conv(3)] * 10), 21, 2.582, 11.70),
    "20 layers": (stack(*[conv(3)] * 20), 41, 3.651, 16.16),
    "40 layers": (stack(*[conv(3)] * 40), 81, 5.164, 22.74),
    "80 layers": (stack(*[conv(3)] * 80), 161, 7.303, 32.26),
    "d 1,2,4,8": (yu(1, 2, 4, 8), 31, 7.528, 31.00),
    "context": (yu(1, 1, 2, 4, 8, 16, 1), 67, 15.122, 65.46),
    "VGG-16": (network_of(case("vgg_16@None/pool5")), 212, 27.64, 123.55),
    "AlexNet": (network_of(case("alexnet_v2@None/conv5")), 163, 26.52, 112.45),
    "PatchGAN": (network_of(case("patchgan_n3")), 70, 13.65, 62.13),
}
DIGITS = {"VGG-16": 2, "AlexNet": 2, "PatchGAN": 2}


@pytest.mark.parametrize("name", TABLE)
def test_sigma_and_luos_size_are_those_of_the_table(name: str) -> None:
    network, rf, sigma, luo = TABLE[name]
    found = measured(network)
    assert receptive_field(network).summary.rf == (rf, rf)
    assert [round(value, DIGITS.get(name, 3)) for value in found.sigma] == [sigma, sigma]
    assert found.luo_size is not None
    assert round(found.luo_size, 2) == luo
    assert found.separable


@pytest.mark.parametrize("name", ["5 layers", "10 layers", "d 1,2,4,8", "PatchGAN"])
def test_luos_size_counts_pixels_of_the_exact_product(name: str) -> None:
    network = TABLE[name][0]
    line = sorted(shares(along(network, 0), (0,)).items())
    weights = sorted(weight for _, weight in line)
    limit = (1 - Fraction(9545, 10000)) * line[len(line) // 2][1] ** 2
    count = sum(len(weights) - bisect_right(weights, limit / weight) for weight in weights)
    luo = measured(network).luo_size
    assert luo is not None
    assert luo**2 == pytest.approx(count, rel=1e-12)


@given(st.integers(1, 2).flatmap(lambda axes: chains_of(axes, most=3, ups=False)))
@settings(max_examples=25)
def test_luos_size_of_any_single_path_counts_its_pixels(network: Network) -> None:
    result, weights = receptive_field(network), shares(network, (0,) * network.axes)
    assert result.summary.rf is not None
    box = cell_zero(network)
    centre = tuple(first + int(rf) // 2 for first, rf in zip(box, result.summary.rf, strict=True))
    weights.setdefault(centre, Fraction(0))
    found = measured(network)
    assert found.luo_size == pytest.approx(luo_size(weights, centre), rel=1e-12)
    assert found.sigma == tuple(sqrt(value) for value in found.variance)


def cell_zero(network: Network) -> list[int]:
    positions = shares(network, (0,) * network.axes)
    return [min(position[axis] for position in positions) for axis in range(network.axes)]


def test_outputs_that_see_nothing_do_not_spread_others() -> None:
    sparse = make_layer("tconv", (1,), stride=(2,))
    assert variance_of(stack(sparse)) == (Fraction(0),) * 2
    assert variance_of(stack(sparse, conv(3))) == (Fraction(1, 4),) * 2


def test_branches_are_said_not_to_be_separable_only_on_the_way() -> None:
    network = stack(Branch(((conv(3), conv(3, d=2)), ())))
    assert not measured(network).separable
    inside = effective(receptive_field(network), 1)
    assert inside is not None
    assert inside.separable


def test_where_the_whole_input_is_seen_there_is_no_effective_size() -> None:
    network = stack(conv(3), make_layer("gap"), conv(1))
    result = receptive_field(network)
    assert effective(result) is None
    assert [found is None for found in variances(result)] == [False, True, True]


def test_the_input_sees_itself_alone() -> None:
    assert effective(receptive_field(stack(conv(3))), PICTURE) == Effective(
        (Fraction(0),) * 2, (0.0, 0.0), 1.0, separable=True
    )


def test_with_phases_or_on_fractions_of_pixels_luos_size_is_unknown() -> None:
    network = stack(conv(3, s=2), make_layer("tconv", (4,), stride=(2,)), conv(3))
    assert measured(network).luo_size is None
    paper = effective(receptive_field(network, tconv_rule="paper"))
    assert paper is not None
    # Steps 1, 1 and 1 of kernels 3, 4 and 3.
    assert paper.variance == (Fraction(8 + 15 + 8, 12),) * 2
    assert paper.luo_size is None


def test_fields_too_wide_for_a_profile_still_have_a_sigma() -> None:
    found = measured(stack(conv(3, d=10**6)))
    assert found.luo_size is None
    assert found.variance == (Fraction(2 * 10**12, 3),) * 2
