"""Rates of dilation: the exact rule for holes, the paper's, and suggestions."""

from __future__ import annotations

from itertools import combinations_with_replacement, product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dilcli.core.receptive.fields import receptive_field
from dilcli.core.receptive.layers import make_layer
from dilcli.core.receptive.network import Branch
from dilcli.core.receptive.rates import hdc_m2, hole_free_steps, steps, suggest
from dilcli.errors import ArgumentError
from tests.receptive_cases import CASES, network_of
from tests.receptive_networks import chains_of, conv, pool, stack

if TYPE_CHECKING:
    from random import Random

    from dilcli.core.receptive.layers import Layer
    from dilcli.core.receptive.network import Item, Network

rates_of = st.lists(st.integers(1, 12), min_size=2, max_size=5)


def taps(kernel: int, rates: tuple[int, ...]) -> set[int]:
    """Every sum of one tap of each layer."""
    found = {0}
    for rate in rates:
        found = {i + t * rate for i in found for t in range(kernel)}
    return found


def dense(kernel: int, rates: tuple[int, ...]) -> bool:
    found = taps(kernel, rates)
    return len(found) == max(found) - min(found) + 1


def m2_of(kernel: int, rates: tuple[int, ...]) -> int | None:
    network = stack(*(conv(kernel, d=rate) for rate in rates), axes=1)
    return hdc_m2(network, network.output, 0)


def rule(kernel: int, rates: tuple[int, ...]) -> bool:
    return hole_free_steps((kernel, rate) for rate in rates)


@given(chains_of(2, most=6, ups=False))
def test_the_rule_is_exact_for_any_single_path(network: Network) -> None:
    result = receptive_field(network)
    for row in result.rows:
        found = [steps(result.network, row.number - 1, axis) for axis in (0, 1)]
        rules = [hole_free_steps(axis) for axis in found if axis is not None]
        assert rules == [gap == 1 for gap in row.field.gap]
        assert all(rules) == (row.field.coverage == 1)


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 20)), max_size=5), st.randoms())
def test_the_rule_knows_no_order(found: list[tuple[int, int]], random: Random) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    network = stack(*(conv(k, d=step) for k, step in found if k > 1), axes=1)
    assert hole_free_steps(found) == hole_free_steps(shuffled)
    assert hole_free_steps(found) == (receptive_field(network).summary.coverage == 1)


def test_steps_are_distances_between_taps_in_pixels_of_the_input() -> None:
    network = stack(conv(3, s=2), conv(1, s=3), pool(2), conv(5, d=4))
    # Jumps: 1, 2, 6, 12; a kernel of one tap has no step.
    assert steps(network, network.output, 0) == ((3, 1), (2, 6), (5, 48))
    assert steps(network, 0, 0) == ((3, 1),)
    tall = stack(make_layer("conv", (3, 1), dilation=(2, 1)))
    assert [steps(tall, 0, axis) for axis in (0, 1)] == [((3, 2),), ()]


@pytest.mark.parametrize(
    "item",
    [
        Branch(((conv(3),), ())),
        make_layer("up", (2,)),
        make_layer("tconv", (2,), stride=(2,)),
        make_layer("gap"),
    ],
)
def test_there_are_no_steps_where_the_way_is_no_single_path(item: Item) -> None:
    network = stack(conv(3), item, conv(3))
    assert steps(network, network.output, 0) is None
    assert hdc_m2(network, network.output, 0) is None


def test_layers_beside_the_way_do_not_count() -> None:
    network = stack(Branch(((conv(3), conv(3, d=2)), (make_layer("up", (2,)), pool(2)))))
    assert steps(network, 1, 0) == ((3, 1), (3, 2))


@given(st.integers(2, 5), rates_of)
def test_m2_is_the_papers_recurrence(kernel: int, rates: list[int]) -> None:
    def largest(i: int) -> int:
        """Spell formula (2) of the paper out, layers counted from 1."""
        if i == len(rates):
            return rates[-1]
        after, rate = largest(i + 1), rates[i - 1]
        return max(after - 2 * rate, 2 * rate - after, rate)

    assert m2_of(kernel, tuple(rates)) == largest(2)


M2 = [record for record in CASES if "hdc_M2" in record["expected"]]


@pytest.mark.parametrize("record", M2, ids=lambda record: record["name"])
def test_m2_of_published_stacks(record: dict[str, Any]) -> None:
    network = network_of(record)
    expected = record["expected"]["hdc_M2"]
    assert hdc_m2(network, network.output, 0) == expected


@pytest.mark.parametrize(
    "layers",
    [
        [conv(3)],
        [conv(3), conv(5)],
        [conv(3, s=2), conv(3)],
        [conv(3), conv(1, s=2), conv(3)],
        [conv(1), conv(1)],
    ],
)
def test_m2_is_not_given_where_the_paper_does_not_speak(layers: list[Layer]) -> None:
    network = stack(*layers)
    assert hdc_m2(network, network.output, 0) is None


def test_layers_of_one_tap_do_not_change_m2() -> None:
    network = stack(conv(3), conv(1), conv(3, d=2), conv(1), conv(3, d=9), conv(1))
    assert hdc_m2(network, network.output, 0) == 5


@pytest.mark.parametrize("rates", [(2, 2, 3), (9, 2, 1), (2, 2, 2), (3, 3, 3), (2, 3)])
def test_some_stacks_pass_m2_and_have_holes(rates: tuple[int, ...]) -> None:
    m2 = m2_of(3, rates)
    assert m2 is not None
    assert m2 <= 3
    assert not rule(3, rates)
    assert not dense(3, rates)


def test_for_kernel_5_m2_refuses_some_stacks_without_holes() -> None:
    m2 = m2_of(5, (1, 1, 8))
    assert m2 is not None
    assert m2 > 5
    assert rule(5, (1, 1, 8))
    assert dense(5, (1, 1, 8))


def test_of_all_triples_up_to_rate_10_m2_passes_143_with_holes_and_refuses_38_without() -> None:
    triples = list(product(range(1, 11), repeat=3))
    passes = {rates for rates in triples if (m2_of(3, rates) or 0) <= 3}
    holed = {rates for rates in triples if not dense(3, rates)}
    assert holed == {rates for rates in triples if not rule(3, rates)}
    assert len(passes & holed) == 143
    assert len(set(triples) - passes - holed) == 38


def test_for_rates_that_begin_with_1_and_do_not_fall_m2_is_exact() -> None:
    for n in (1, 2):
        for rest in combinations_with_replacement(range(1, 19), n):
            rates = (1, *rest)
            assert ((m2_of(3, rates) or 0) <= 3) == dense(3, rates)


@given(st.integers(1, 10**9), st.integers(2, 50), st.one_of(st.none(), st.integers(1, 40)))
@settings(max_examples=300)
def test_suggestions_reach_the_wanted_field_without_holes_the_fewest_layers_first(
    wanted: int, kernel: int, layers: int | None
) -> None:
    assume(layers is None or kernel**layers >= wanted)
    found = suggest(wanted, kernel, layers)
    counts = [suggestion.layers for suggestion in found]
    assert counts == sorted(set(counts))
    assert layers is None or counts == [layers]
    assert kernel ** (counts[0] - 1) < wanted or layers is not None or counts == [1, 2, 3, 4]
    for suggestion in found:
        assert len(suggestion.rates) == suggestion.layers
        assert list(suggestion.rates) == sorted(suggestion.rates)
        assert rule(kernel, suggestion.rates)
        assert suggestion.rf == 1 + (kernel - 1) * sum(suggestion.rates)
        # As small as a stack of that kernel and depth can be.
        least = max(-(-(wanted - 1) // (kernel - 1)), suggestion.layers)
        assert suggestion.rf == 1 + (kernel - 1) * least >= wanted


@pytest.mark.parametrize("kernel", [2, 3, 4])
def test_no_fewer_layers_can_reach_it(kernel: int) -> None:
    furthest = [1]
    for layers in (1, 2, 3):
        # A rate above the largest field so far cannot be without holes.
        rates = combinations_with_replacement(range(1, kernel**layers + 2), layers)
        furthest.append(max(len(taps(kernel, r)) for r in rates if dense(kernel, r)))
    assert furthest == [kernel**n for n in range(4)]
    for wanted in range(1, furthest[-1] + 1):
        fewest = next(n for n in range(1, 4) if furthest[n] >= wanted)
        assert suggest(wanted, kernel)[0].layers == fewest


@given(st.integers(1, 3000), st.integers(2, 9))
def test_the_text_of_a_suggestion_is_a_stack_that_has_its_field(wanted: int, kernel: int) -> None:
    for suggestion in suggest(wanted, kernel):
        words = suggestion.text.split()
        expected = [f"conv{kernel}" + (f"d{rate}" if rate > 1 else "") for rate in suggestion.rates]
        assert words == expected
        network = stack(*(conv(kernel, d=rate) for rate in suggestion.rates))
        found = receptive_field(network).summary
        assert found.rf == (suggestion.rf, suggestion.rf)
        assert found.coverage == 1


def test_the_largest_stack_has_powers_of_the_kernel() -> None:
    assert suggest(3**5, 3)[0].rates == (1, 3, 9, 27, 81)
    assert suggest(2**10, 2)[0].rates == tuple(2**i for i in range(10))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((0,), "0"),
        ((65, 1), "kernel"),
        ((65, 3, 0), "layers 0"),
        ((10**12,), "10{9}|10{3}"),
        ((28, 3, 3), r"3 layers of kernel 3 reach 27.*28 needs 4"),
    ],
)
def test_what_cannot_be_suggested_is_refused(arguments: tuple[int, ...], named: str) -> None:
    with pytest.raises(ArgumentError, match=named):
        suggest(*arguments)
