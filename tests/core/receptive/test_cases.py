"""Published receptive fields are reproduced, and published mistakes are not.

The cases and their sources are in ``tests/data/rf_cases.json``.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from dilcli.core.receptive.fields import Field, receptive_field
from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.core.receptive.lookup import cell
from dilcli.core.receptive.network import Branch
from dilcli.errors import LayerError
from tests.receptive_cases import CASES, case, network_of, per_axis, size_of
from tests.receptive_measures import measure
from tests.receptive_networks import conv, pool, stack
from tests.receptive_reference import along

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EXPECTED: dict[str, Callable[[Field], Any]] = {
    "rf": lambda f: f.rf,
    "effective_stride": lambda f: f.effective_stride,
    "effective_padding": lambda f: f.effective_padding,
    "output_size": lambda f: f.output_size,
    "start_center": lambda f: f.start,
    "max_gap": lambda f: f.gap,
    "lattice": lambda f: f.lattice,
}
LAWFUL = [record for record in CASES if "error" not in record["expected"]]
names = pytest.mark.parametrize("record", LAWFUL, ids=lambda record: record["name"])


def field(*items: Any, axes: int = 1, **settings: Any) -> Field:
    return receptive_field(stack(*items, axes=axes), **settings).summary


def of(name: str, **settings: Any) -> Field:
    record = case(name)
    return receptive_field(network_of(record), input_size=size_of(record), **settings).summary


def test_there_are_as_many_cases_as_there_were() -> None:
    assert (len(CASES), len(LAWFUL)) == (117, 115)


@names
def test_a_published_case_is_reproduced(record: dict[str, Any]) -> None:
    expected = record["expected"]
    found = receptive_field(network_of(record), input_size=size_of(record)).summary
    for key, read in EXPECTED.items():
        if key in expected:
            assert read(found) == per_axis(expected[key]), key
    if "aligned" in expected:
        assert found.aligned is expected["aligned"]
    if "coverage_2d" in expected:
        assert found.coverage == Fraction(*expected["coverage_2d"])
    if "coverage_1d" in expected:
        line = receptive_field(along(network_of(record), 0)).summary
        assert line.coverage == Fraction(*expected["coverage_1d"])
    if "rf_exact_by_phase" in expected:
        assert found.rf_by_phase == (tuple(expected["rf_exact_by_phase"]),) * 2
    if "rf_naive_tconv" in expected:
        naive = receptive_field(network_of(record), tconv_rule="paper").summary
        assert naive.rf == per_axis(expected["rf_naive_tconv"])


@pytest.mark.parametrize(
    "name",
    [
        "alexnet_v2@None/conv2",
        "resnet_v1_50@224/block1",
        "resnet_v1_50@321/block2",
        "inception_v2@224/Mixed_5c",
        "torchvision_resnet18/layer3",
        "deeplab_v2_ASPP-L_module",
        "rfa_nonsequential_strides",
        "vnet_R4",
        "unet_2015_valid",
    ],
)
def test_a_published_case_is_reproduced_by_index_sets_too(name: str) -> None:
    network, size = along(network_of(case(name)), 0), size_of(case(name))
    found = receptive_field(network, input_size=size and size[:1]).summary
    expected = measure(network, size=size and size[:1])
    assert found.rf == expected.rf
    assert found.effective_padding == expected.padding
    assert found.gap == expected.gap


def test_the_strides_of_distills_misaligned_network_are_named() -> None:
    with pytest.raises(LayerError, match=r"layer 4 \(add\).* 2x2 .* 1x1 "):
        of("rf_test_network_3_misaligned_strides")


def test_the_branches_of_distills_misaligned_network_see_5_and_6_samples_in_turn() -> None:
    expected = case("rf_test_network_3_misaligned_strides")["expected"]
    left, right = (
        receptive_field(stack(*layers, axes=1), input_size=(20,))
        for layers in ([conv(5, s=2, p=(2, 1))], [conv(3, p=0), conv(3, p=0)])
    )
    counts = []
    for output in range(4):
        inside: set[int] = set()
        for branch in (left, right):
            clipped = cell(branch, (output,)).clipped
            assert clipped is not None
            inside |= set(range(int(clipped[0][0]), int(clipped[0][1]) + 1))
        counts.append(len(inside))
    assert counts == expected["in_image_samples_by_output_index"]


def test_a_causal_and_an_anticausal_branch_see_the_hull_of_both() -> None:
    expected = case("misaligned_same_stride_hull")["expected"]
    found = of("misaligned_same_stride_hull")
    # The rule "largest over paths" says 3.
    assert found.rf == per_axis(expected["hull_rf"])
    assert found.effective_padding == per_axis(expected["hull_padding"])
    assert found.aligned is False
    with pytest.raises(LayerError, match=r"centres differ \(-1.* and 1"):
        of("misaligned_same_stride_hull", strict=True)


def test_network_4_is_aligned_at_9_pixels_misaligned_at_8_and_unknown_without_a_size() -> None:
    network = network_of(case("rf_test_network_4_unknown_size"))
    at = {n: receptive_field(network, input_size=(n, n)).summary for n in (8, 9)}
    assert receptive_field(network).summary.aligned is None
    assert (at[9].aligned, at[9].effective_padding) == (True, (1, 1))
    assert at[8].aligned is False
    with pytest.raises(LayerError, match=r"centres differ \(0.* and 1"):
        receptive_field(network, input_size=(8, 8), strict=True)


def test_cell_6_of_alexnets_ninth_feature_sees_62_to_160_inclusive() -> None:
    record = case("torchvision_alexnet_features8_unit6")
    found = cell(receptive_field(network_of(record), input_size=(224, 224)), (6, 6))
    assert found.box == (tuple(record["expected"]["box_of_output_6"]),) * 2


def test_188_pixels_for_4_of_16_outputs_of_a_unet_and_204_for_the_other_12() -> None:
    result = receptive_field(network_of(case("unet_2015_valid")), input_size=(572, 572))
    widths = Counter(
        last - first + 1 for first, last in (cell(result, (0, x)).box[1] for x in range(100, 116))
    )
    assert widths == {188: 4, 204: 12}
    assert result.summary.aligned


@pytest.mark.parametrize(
    ("ups", "exact", "paper"),
    [
        (1, (468,), 476),
        (2, (516,), 528),
        (3, (532,), 546),
        (4, (532, 548), 551),
    ],
)
def test_vnets_decoder_by_phase_and_by_its_papers_rule(
    ups: int, exact: tuple[int, ...], paper: int
) -> None:
    network = [conv(5)]
    for convs in (2, 3, 3, 3):
        network += [conv(2, s=2, p=0), *[conv(5)] * convs]
    for convs in (3, 3, 2, 1)[:ups]:
        network += [make_layer("tconv", (2,), stride=(2,)), *[conv(5)] * convs]
    assert field(*network).rf_by_phase == (exact,)
    assert field(*network, tconv_rule="paper").rf == (paper,)


@pytest.mark.parametrize(("n", "rf"), [(1, 16), (2, 34), (3, 70), (4, 142), (5, 286), (6, 574)])
def test_patchgan(n: int, rf: int) -> None:
    assert field(*[conv(4, s=2, p=1)] * n, *[conv(4, p=1)] * 2).rf == (rf,)


def causal(kernel: int, rates: Sequence[int], convs: int = 1) -> list[Layer]:
    return [conv(kernel, d=rate, p="causal") for rate in rates for _ in range(convs)]


@pytest.mark.parametrize(
    ("kernel", "rates", "rf"),
    [
        (3, [1, 2, 4, 8, 16, 32], 253),
        (8, [1, 2, 4, 8] * 3, 631),
        (4, [2**i for i in range(7)], 763),
    ],
)
def test_temporal_convolutional_networks_with_two_convolutions_a_level(
    kernel: int, rates: list[int], rf: int
) -> None:
    found = field(*causal(kernel, rates, 2))
    assert (found.rf, found.effective_padding) == ((rf,), (rf - 1,))


def test_swapping_stride_for_dilation_keeps_the_receptive_field() -> None:
    for depth in (50, 101):
        names = [f"torchvision_resnet{depth}{os}/layer4" for os in ("", "_OS8")]
        plain, dilated = map(of, names)
        assert plain.rf == dilated.rf
        assert (plain.effective_stride, dilated.effective_stride) == ((32, 32), (8, 8))


# Numbers that calculators and answers on the web give, and that are not so.


def test_a_dilated_kernel_is_not_kernel_plus_dilation_wide() -> None:
    assert [field(conv(3, d=d)).rf for d in (1, 2, 4, 12)] == [(3,), (5,), (9,), (25,)]
    assert all(field(conv(3, d=d)).rf != (3 + d,) for d in (1, 4, 12))


def test_a_wavenet_block_has_kernel_2_and_sees_1024_not_2047() -> None:
    rates = [2**i for i in range(10)]
    assert field(*causal(2, rates)).rf == (1024,)
    assert field(*causal(3, rates)).rf == (2047,)


def test_three_wavenet_blocks_see_3070_not_3072() -> None:
    assert field(*causal(2, [2**i for i in range(10)] * 3)).rf == (3070,)


def test_a_layer_adds_steps_of_its_input_so_it_is_7_not_9() -> None:
    assert field(conv(3, s=2), conv(3)).rf == (7,)


@pytest.mark.parametrize("dilation", [1, 2, 3, 12])
def test_start_knows_of_dilation_so_it_is_a_half_not_minus_a_half(dilation: int) -> None:
    assert field(conv(3, d=dilation, p=dilation)).start == (Fraction(1, 2),)


def test_a_tcn_sees_631_not_kernel_times_last_dilation_times_stacks() -> None:
    assert field(*causal(8, [1, 2, 4, 8] * 3, 2)).rf == (631,) != (8 * 8 * 3,)
    assert field(*causal(2, [1, 2, 4, 8], 2)).rf == (31,) != (2 * 8 * 1,)


@pytest.mark.parametrize(
    ("net", "fov", "rf"),
    [("7x7", 224, 419), ("", 128, 323), ("4x4", 224, 419), ("LargeFOV", 224, 419)],
)
def test_deeplabs_field_of_view_is_not_its_receptive_field(net: str, fov: int, rf: int) -> None:
    name = "deeplab_v1_DeepLab-CRF" + (f"-{net}" if net else "")
    assert case(name)["expected"]["fov_published_formula"] == fov
    assert of(name).rf == (rf, rf)


def test_dilation_0_is_not_dense() -> None:
    with pytest.raises(LayerError, match=r"dilation starts at 1.*got 0"):
        conv(3, d=0)


def test_three_by_three_at_rate_2_reads_9_of_25_pixels() -> None:
    assert field(conv(3, d=2), axes=2).coverage == Fraction(9, 25)


def test_a_branch_union_is_not_the_product_of_its_axes() -> None:
    found = field(Branch(tuple((conv(3, d=d),) for d in (6, 12, 18, 24))), axes=2)
    assert found.coverage == Fraction(33, 2401) != Fraction(9, 49) ** 2


def test_paths_of_13_and_15_pixels_see_15() -> None:
    pair = Branch(((conv(3, s=2),), (conv(5, s=2),)))
    assert field(conv(3), pair, conv(3), conv(3)).rf == (15,)


@pytest.mark.parametrize("size", list(product((224, 225), (224, 231))))
def test_padding_under_same_follows_each_axis_own_size(size: tuple[int, int]) -> None:
    found = field(conv(3, s=2, p="same"), pool(3, s=2, p="same"), axes=2, input_size=size)
    # An odd size pads one before, an even one none; sizes halve rounded up.
    expected = [(n % 2) + 2 * (-(-n // 2) % 2) for n in size]
    assert found.effective_padding == tuple(expected)


def test_one_network_of_a_thousand_layers_is_exact() -> None:
    found = field(*[conv(3)] * 1000, axes=2)
    assert found.rf == (2001, 2001)
    assert found.coverage == 1
