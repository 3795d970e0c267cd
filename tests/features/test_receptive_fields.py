"""Receptive fields for a Python caller: every way of writing layers, and what is refused."""

from __future__ import annotations

import pytest

import dilcli
from dilcli import ArgumentError, LayerError, receptive_field
from dilcli.core.receptive.network import lay_out
from dilcli.core.receptive.text import parse_items


def test_text_records_and_a_network_of_the_same_layers_give_the_same() -> None:
    records = [{"kind": "conv", "kernel": 3}, {"kind": "conv", "kernel": 3, "dilation": 2}]
    network = lay_out(parse_items("conv3 conv3d2"))
    assert receptive_field("conv3 conv3d2").rows == receptive_field(records).rows
    assert receptive_field("conv3 conv3d2").rows == receptive_field(network).rows


def test_one_number_is_the_size_of_all_axes() -> None:
    assert receptive_field("conv3s2", input_size=9).summary.output_size == (5, 5)
    assert receptive_field("conv3s2", input_size=[9, 4]).summary.output_size == (5, 2)
    assert receptive_field("conv3s2", axes=1, input_size=9).summary.output_size == (5,)


def test_misaligned_branches_are_refused_when_asked() -> None:
    text = "(conv3p2:0|conv3p0:2)"
    assert receptive_field(text).summary.aligned is False
    with pytest.raises(LayerError, match="misaligned"):
        receptive_field(text, strict=True)


def test_the_rule_of_papers_for_transposed_convolution_is_asked_for() -> None:
    text = "conv3 pool2 conv3 tconv2s2"
    assert receptive_field(text).summary.rf == (8, 8)
    assert receptive_field(text, tconv_rule="paper").summary.rf == (9, 9)
    with pytest.raises(ArgumentError, match="choices: exact, paper"):
        receptive_field(text, tconv_rule="rough")


@pytest.mark.parametrize("axes", [0, 4, -1])
def test_other_numbers_of_axes_are_refused(axes: int) -> None:
    with pytest.raises(ArgumentError, match="axes must be 1, 2 or 3"):
        receptive_field("conv3", axes=axes)


@pytest.mark.parametrize("size", [0, (3, 3, 3), (3, -1)])
def test_sizes_that_are_none_are_refused(size: int | tuple[int, ...]) -> None:
    with pytest.raises(ArgumentError, match="must be 2 numbers of at least 1"):
        receptive_field("conv3", input_size=size)


def test_it_is_public() -> None:
    assert "receptive_field" in dilcli.__all__
