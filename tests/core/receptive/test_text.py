"""The grammar of layers: items, counts, branches, restarts; and where a fault stands."""

from __future__ import annotations

import re
import string
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.core.receptive.network import MAX_DEPTH, MAX_NODES, Branch, From, Item, lay_out
from dilcli.core.receptive.reading import Reading
from dilcli.core.receptive.text import items_text, parse_items, read_text
from dilcli.errors import LayerError
from tests.receptive_items import items

if TYPE_CHECKING:
    from hypothesis.strategies import DataObject

CONV = make_layer("conv", (3,))
POOL = make_layer("pool", (2,))
PLACE = re.compile(r"(line [1-9][0-9]*, )?column [1-9][0-9]*: ")


@given(items())
def test_what_is_written_is_read_back_as_equal_items(drawn: tuple[Item, ...]) -> None:
    text = items_text(drawn)
    assert parse_items(text) == drawn
    assert items_text(parse_items(text)) == text


def read(text: str) -> tuple[Item, ...] | None:
    """Read a text, or find that it is refused by one line that begins with a place."""
    with suppress(LayerError):
        return parse_items(text)
    with pytest.raises(LayerError) as caught:
        parse_items(text)
    assert PLACE.match(str(caught.value))
    assert len(str(caught.value).splitlines()) == 1
    return None


WORDS = st.sampled_from(
    ["conv", "pool", "gap", "id", "up2", "crop", "from:", "cat(", "k=", "3x", "99999999", "SAME"]
) | st.sampled_from(["3", "0", "d2", "s", "p1:0", "a", "x", *'()|@":,;#- \n\0'])


@given(st.text() | st.text(string.printable) | st.lists(WORDS).map("".join))
def test_any_text_gives_items_or_one_line_with_a_place(text: str) -> None:
    read(text)


@given(items(), st.data())
def test_an_edited_text_gives_items_or_one_line_with_a_place(
    drawn: tuple[Item, ...], data: DataObject
) -> None:
    text = items_text(drawn)
    for _ in range(data.draw(st.integers(1, 3))):
        begin = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(begin, min(len(text), begin + 3)))
        text = text[:begin] + data.draw(WORDS | st.text(max_size=2)) + text[end:]
    found = read(text)
    if found is not None:
        assert parse_items(items_text(found)) == found
        lay_out(found)


@given(items(), st.sampled_from([" ", "\n", "\t", " , ", ",", " # a (comment |\n", "\r\n"]))
def test_items_may_stand_apart_in_any_way(drawn: tuple[Item, ...], between: str) -> None:
    assert parse_items(between.join(items_text([item]) for item in drawn)) == drawn


@given(items(), st.integers(1, 5))
def test_a_count_before_and_a_count_behind_write_an_item_several_times(
    drawn: tuple[Item, ...], count: int
) -> None:
    group = f"({items_text(drawn)})"
    expected = (Branch((drawn,)),) * count
    assert parse_items(f"{count}x{group}") == expected
    assert parse_items(f"{group} x{count}") == expected
    assert parse_items(f"{count}x {group}x2") == expected * 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        (" ,\n# nothing\n", ()),
        ("conv3", (CONV,)),
        ("CONV3, Pool2", (CONV, POOL)),
        ("2xconv3 pool2 x3", (CONV, CONV, POOL, POOL, POOL)),
        ("conv3#x\npool2 # x", (CONV, POOL)),
        ("conv3pool2", None),
        ("(conv3|id)", (Branch(((CONV,), (Layer("id"),))),)),
        ("(conv3|)", (Branch(((CONV,), ())),)),
        ("add(conv3 | pool2)", (Branch(((CONV,), (POOL,))),)),
        ("cat(conv3|pool2)", (Branch(((CONV,), (POOL,)), "concat"),)),
        ("concat (conv3|pool2)@a", (Branch(((CONV,), (POOL,)), "concat", "a"),)),
        ("(conv3)pool2", (Branch(((CONV,),)), POOL)),
        ("conv3@a pool2 from:a", (CONV._replace(name="a"), POOL, From("a"))),
        ('conv3@"a |" (from:"a |")', (CONV._replace(name="a |"), Branch(((From("a |"),),)))),
    ],
)
def test_the_grammar_by_example(text: str, expected: tuple[Item, ...] | None) -> None:
    if expected is None:
        with pytest.raises(LayerError):
            parse_items(text)
    else:
        assert parse_items(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("conv3 cnov3", "column 7: unknown layer 'cnov'; did you mean 'conv'"),
        ("conv3\n\n pool2 cnov3", "line 3, column 8: unknown layer 'cnov'"),
        ("\n  cnov3\n", "column 3: unknown layer"),
        ("conv3)", r"column 6: this \) closes no \("),
        ("conv3 (pool2 (conv3)", r"column 7: this \( is never closed"),
        ("(conv3", r"column 1: this \( is never closed"),
        ("conv3 | pool2", r"column 7: \| stands between branches, inside \( \)"),
        ("3x", "column 1: count without a layer: '3x'; write 3xconv3"),
        ("conv3 3x)", "column 7: count without a layer"),
        ("(3x|conv3)", "column 2: count without a layer"),
        ("conv3 3", "column 7: count without a layer: '3'"),
        ("3conv3", "column 1: count without a layer: '3'"),
        ("3x3xconv3", "column 1: count without a layer: '3x'"),
        ("x3 conv3", "column 1: count without a layer before 'x3'"),
        ("conv3 (x3)", "column 8: count without a layer before 'x3'"),
        ("0xconv3", r"column 1: a count is at least 1 \(got 0\)"),
        ("conv3 x0", r"column 7: a count is at least 1 \(got 0\)"),
        ("conv3 x3conv3", "column 7: unknown layer 'x'; a count comes before its layer"),
        ("cta(conv3)", "column 1: unknown layer 'cta'; did you mean 'cat'"),
        ("conv3 cat", "column 7: unknown layer 'cat'; branches follow it"),
        ("conv3(pool2", r"column 6: this \( is never closed"),
        ("from:a", "column 1: no earlier layer is named 'a'; name one by @name"),
        ("conv3@left from:lfet", "column 12: .*'lfet'; did you mean 'left'"),
        ("from:a conv3@a", "column 1: no earlier layer is named 'a'"),
        ("from conv3", "column 1: unknown layer 'from'; write from:name"),
        ("from:", "column 6: a name is missing"),
        ("conv3@", "column 7: a name is missing"),
        ("(conv3)@ pool2", "column 9: a name is missing"),
        ("conv3;pool2", "column 6: unexpected ';'"),
        ("conv3x5 (id|conv3x3x3)", "column 13: sizes for 3 axes, but conv3x5 is for 2"),
        ("9999999999xconv3", "column 1: '9999999999': numbers have at most 9 digits"),
        (f"conv3 {'9' * 5000}xconv3", "column 7: .*at most 9 digits"),
        ("\ud800", "column 1: unexpected"),
        ("³xconv3", "column 1: unexpected '³'"),
    ],
)
def test_a_fault_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(LayerError, match=message) as caught:
        parse_items(text)
    assert PLACE.match(str(caught.value))
    assert len(str(caught.value)) < 300


def nested(depth: int) -> str:
    return "(" * depth + "conv3" + ")" * depth


def test_branches_are_nested_to_the_depth_of_a_network() -> None:
    assert len(lay_out(parse_items(nested(MAX_DEPTH))).nodes) == 1
    with pytest.raises(LayerError, match=f"column {MAX_DEPTH + 1}: .*nested more than"):
        parse_items(nested(MAX_DEPTH + 1))
    with pytest.raises(LayerError, match="nested more than"):
        parse_items("2x(" * 200_000)


@pytest.mark.parametrize(
    "text",
    [
        f"{MAX_NODES + 1}xconv3",
        f"conv3 x{MAX_NODES + 1}",
        "99999999x(conv3 | pool2)",
        "999999999x()",
        "999999999x( | )",
        "conv3@a 99999999x(from:a)",
        "20000x(20000x(20000x(20000x(conv3))))",
        "conv3" + " x9" * 40,
        "20000xid " * 50_000,
        "conv3 " * (MAX_NODES + 1),
        ";".join(["3,1,1,SAME"] * (MAX_NODES + 1)),
        "(" * 40 + "9x(" * 9 + "conv3" + ")" * 49,
    ],
)
def test_more_layers_than_any_network_has_are_refused_before_they_are_made(text: str) -> None:
    with pytest.raises(LayerError, match=f"more than {MAX_NODES} layers"):
        parse_items(text)


def test_as_many_layers_as_a_network_may_have_are_read() -> None:
    assert len(lay_out(parse_items(f"{MAX_NODES}xconv3")).nodes) == MAX_NODES
    assert parse_items(f"{MAX_NODES}xid x1 x1") == parse_items(f"{MAX_NODES}xid")


def test_any_number_of_groups_may_stand_side_by_side() -> None:
    assert parse_items("(conv3)" * 2 * MAX_DEPTH) == (Branch(((CONV,),)),) * 2 * MAX_DEPTH


def test_holes_count_the_gaps_between_taps() -> None:
    assert parse_items("conv3d0 conv3d1x3 conv3 conv3g1", holes=True) == parse_items(
        "conv3 conv3d2x4 conv3 conv3d2"
    )
    assert parse_items("3,1,1,SAME", holes=True) == parse_items("conv3d2ps")
    with pytest.raises(LayerError, match=r"column 1: .*dilation starts at 1 \(dense\).*--holes"):
        parse_items("conv3d0")


@pytest.mark.parametrize("rule", ["half", "valid", "same", "causal"])
def test_the_default_padding_is_that_of_convolutions_which_give_none(rule: str) -> None:
    found = parse_items("conv3 dwconv4 conv3p1 pool2 tconv2", padding=rule)  # type: ignore[arg-type]
    letter = rule[0]
    assert found == parse_items(f"conv3p{letter} dwconv4p{letter} conv3p1 pool2 tconv2")


def test_what_may_be_meant_differently_is_noted_once() -> None:
    reading = Reading()
    read_text(
        "2x(conv2d4 conv4s2) conv4s2 conv2d3x5p0 conv5 conv3d2 pool4 conv4p1 conv4pc", reading
    )
    assert reading.notes == [
        "conv2d4 is kernel 2, dilation 4; kernel 4 is conv4",
        "conv4s2: half padding of an even kernel is asymmetric, 1 before and 2 after",
        "conv2d3x5p0 is kernel 2, dilation 3x5; kernel 3x5 is conv3x5",
    ]


def test_an_even_kernel_whose_half_is_whole_is_symmetric() -> None:
    reading = Reading()
    read_text("conv4d2", reading)
    assert parse_items("conv4d2") == parse_items("conv4d2p3")
    assert reading.notes == []


def test_asked_axes_are_held_against_every_layer() -> None:
    with pytest.raises(LayerError, match="column 7: sizes for 2 axes, but --axis is for 1"):
        read_text("conv3 conv3x5", Reading(axes=1))
    assert read_text("conv3 conv3x5", Reading(axes=2))[1] == 2
