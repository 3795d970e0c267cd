"""Links of the Fomoro calculator are read as layers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.receptive.fomoro import fomoro_start
from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.core.receptive.text import parse_items
from dilcli.errors import LayerError

NUMBERS = st.integers(1, 99)
LAYERS = st.builds(
    lambda kernel, stride, dilation, rule: make_layer(
        "conv",
        (kernel,),
        stride=(stride,),
        dilation=(dilation if kernel > 1 else 1,),
        padding=rule,
    ),
    NUMBERS,
    NUMBERS,
    NUMBERS,
    st.sampled_from(["same", "valid"]),
)


def as_fomoro(layer: Layer) -> str:
    rule = "SAME" if layer.padding == "same" else "VALID"
    return f"{layer.kernel[0]},{layer.stride[0]},{layer.dilation[0]},{rule}"


@given(
    st.lists(LAYERS, min_size=1),
    st.sampled_from(["", "#", "https://fomoro.com/research/article/receptive-field-calculator#"]),
    st.sampled_from([";", " ; ", ";\n", "; # a comment\n"]),
    st.sampled_from(["", ";", "\n"]),
)
def test_each_part_is_kernel_stride_dilation_and_padding(
    layers: list[Layer], before: str, between: str, after: str
) -> None:
    assert parse_items(before + between.join(map(as_fomoro, layers)) + after) == tuple(layers)


@pytest.mark.parametrize("text", ["conv3,pool2", "3xconv3", "# 3", "", "3", "https://x", "3,conv3"])
def test_layer_text_is_not_taken_for_a_link(text: str) -> None:
    assert fomoro_start(text) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3,1,1", "column 1: '3,1,1' is no kernel,stride,dilation,SAME or VALID"),
        ("3,1,1,SAME;2,2,VALID", "column 12: '2,2,VALID' is no kernel"),
        ("3,1,1,SMAE", "column 7: 'SMAE' is no padding; write SAME or VALID"),
        ("3,1,1,1,SAME", "column 1: .*is no kernel"),
        ("3,1,1,,SAME", "column 1: .*is no kernel"),
        ("3,1,0,SAME", "column 1: .*dilation starts at 1"),
        ("#3,1,1,SAME;0,1,1,SAME", "column 13: .*kernel must be at least 1"),
        ("3,1,x,SAME", "column 5: 'x' is no whole number"),
        ("3,1,1,SAME;\n3,-1,1,VALID", "line 2, column 1: .*stride must be at least 1"),
    ],
)
def test_a_fault_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(LayerError, match=message):
        parse_items(text)
