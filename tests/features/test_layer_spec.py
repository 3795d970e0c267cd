"""Networks from text, files, presets and pipes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.receptive.network import Network, lay_out
from dilcli.core.receptive.presets import preset, presets
from dilcli.core.receptive.text import items_text, parse_items
from dilcli.errors import LayerError
from dilcli.features.layer_spec import Description, load_layers
from tests.onnx_networks import Net
from tests.receptive_items import items

if TYPE_CHECKING:
    from dilcli.core.receptive.network import Item

CASES = json.loads((Path(__file__).parents[1] / "data" / "rf_cases.json").read_text())["cases"]
TOML = """\
input_size = 224
channels = [3, 64]
[[layers]]
kind = "conv"
kernel = 3
repeat = 2
"""


def network(text: str, axes: int | None = None) -> Network:
    return lay_out(parse_items(text), axes)


def piped(value: object) -> Description:
    return load_layers(data=json.dumps(value).encode())


@given(items())
def test_the_same_text_means_the_same_from_everywhere(drawn: tuple[Item, ...]) -> None:
    text = items_text(drawn)
    expected = lay_out(drawn)
    assert load_layers(text).network == expected
    assert load_layers(data=text.encode()).network == expected
    assert piped([text]).network == piped({"layers": text}).network == expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_a_reference_case_may_be_pasted_as_it_is(case: dict[str, Any]) -> None:
    found = piped(case)
    assert found.network == piped(case["layers"]).network
    assert found.name == case["name"]
    assert found.notes[-1].startswith("keys that are not used: 'source', ")
    size: Any = case.get("input_size")
    assert found.input_size in (size, (size, size), tuple(size) if isinstance(size, list) else size)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("net.rf", "2xconv3 # twice"),
        ("net.toml", TOML),
        ("net.json", '{"layers": ["2xconv3"], "input_size": [224, 224], "channels": [3, 64]}'),
    ],
)
def test_a_file_is_read_under_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    found = load_layers(file=path)
    assert found.network == network("conv3 conv3")
    assert found.name == "net"
    assert (found.input_size, found.channels) == (
        (None, None) if name == "net.rf" else ((224, 224), (3, 64))
    )
    assert load_layers(str(path)) == found
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_layers(f"~/{name}") == found


def test_a_file_whose_name_has_blanks_is_seen_where_it_exists(tmp_path: Path) -> None:
    (tmp_path / "my net.rf").write_text("conv3")
    assert load_layers(f"{tmp_path}/my net.rf").name == "my net"
    with pytest.raises(LayerError, match=r"column 11: unexpected '\.'"):
        load_layers("conv3 conv.rf")


def test_what_is_no_file_has_names_of_its_own() -> None:
    assert load_layers("conv3").name == "custom"
    assert load_layers(data=b"conv3").name == "stdin"
    assert piped({"layers": [], "name": "mine"}).name == "mine"


def test_no_layers_are_a_network_too() -> None:
    assert load_layers("").network == load_layers(data=b"").network == network("")


@pytest.mark.parametrize("name", [known.name for known in presets()])
def test_each_preset_is_its_text_and_its_notes(name: str) -> None:
    known = preset(name)
    found = load_layers(preset=name)
    assert found.network == network(known.text, known.axes)
    assert (found.name, found.notes) == (name, known.notes)
    assert (found.input_size, found.channels) == (None, None)


def test_a_preset_has_its_own_dilations_and_may_be_padded_otherwise() -> None:
    assert load_layers(preset="hdc", holes=True) == load_layers(preset="hdc")
    other = load_layers(preset="hdc", padding="valid").network
    assert other == lay_out(parse_items(preset("hdc").text, padding="valid"), other.axes)


@given(st.sampled_from(["half", "valid", "same", "causal"]), st.booleans())
def test_defaults_reach_text_and_records(rule: Any, holes: bool) -> None:
    expected = lay_out(parse_items("conv3d1 pool2", padding=rule, holes=holes))
    record = {"kind": "conv", "kernel": 3, "dilation": 1}
    sources: list[dict[str, Any]] = [
        {"text": "conv3d1 pool2"},
        {"data": b"conv3d1 pool2"},
        {"data": json.dumps([record, "pool2"]).encode()},
    ]
    for source in sources:
        assert load_layers(**source, padding=rule, holes=holes).network == expected


@pytest.mark.parametrize(
    ("value", "asked", "axes"),
    [
        (["conv3"], None, 2),
        (["conv3"], 1, 1),
        (["conv3x3x3"], None, 3),
        ({"layers": ["conv3"], "axes": 1}, None, 1),
        ({"layers": ["conv3"], "axes": 1}, 3, 3),
        ({"layers": ["conv3"], "input_size": [9, 9, 9]}, None, 3),
        ({"layers": ["conv3"], "input_size": [9]}, None, 1),
        ({"layers": ["conv3x3"], "input_size": 9}, None, 2),
        ({"layers": ["conv3"], "input_size": 9}, 3, 3),
    ],
)
def test_the_axes_are_those_asked_for_else_those_said_else_those_of_sizes(
    value: object, asked: int | None, axes: int
) -> None:
    found = load_layers(data=json.dumps(value).encode(), axes=asked)
    assert found.network.axes == axes
    if isinstance(value, dict) and "input_size" in value:
        assert found.input_size == (9,) * axes


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, "no key 'layers' with a list of layers"),
        ({"layer": []}, "unknown key 'layer'; did you mean 'layers'"),
        ({"layers": [], "input_szie": 3}, "unknown key 'input_szie'; did you mean 'input_size'"),
        ({"layers": {}}, r"layers: wants a list of layers \(got a table\)"),
        ({"layers": [], "axes": 4}, r"axes: wants 1, 2 or 3 \(got 4\)"),
        ({"layers": [], "axes": "2"}, "axes: wants a whole number"),
        ({"layers": [], "input_size": 0}, r"input_size: .* at least 1 \(got 0\)"),
        ({"layers": [], "input_size": []}, r"input_size: .* at least 1 \(got none\)"),
        ({"layers": [], "input_size": "224x224"}, r"input_size: .*\(got '224x224'\)"),
        ({"layers": [], "input_size": True}, r"input_size: .*\(got true\)"),
        ({"layers": [], "channels": [3, 0]}, r"channels: .* at least 1 \(got 0\)"),
        ({"layers": [], "channels": [3, "a"]}, r"channels: wants a whole number \(got 'a'\)"),
        ({"layers": [], "name": 3}, "name: wants a text"),
        ({"layers": ["conv3x3"], "input_size": [9]}, "input_size: numbers for 1 axes in a netw"),
        ({"layers": [], "input_size": [9, 9], "axes": 3}, "for 2 axes in a network of 3"),
        ({"layers": ["conv3x5"], "axes": 1}, "sizes for 2 axes, but the key axes is for 1"),
        (["conv3", "cnov"], r"layers\[1\]: column 1: unknown layer 'cnov'"),
    ],
)
def test_a_fault_in_a_description_is_named_with_its_source(value: object, message: str) -> None:
    with pytest.raises(LayerError, match=message) as caught:
        piped(value)
    assert str(caught.value).startswith("standard input: ")
    assert "\n" not in str(caught.value)


def test_a_fault_in_a_file_is_named_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "net.rf"
    path.write_text("conv3\n  cnov3")
    with pytest.raises(LayerError) as caught:
        load_layers(file=path)
    assert str(caught.value) == (
        f"layer file {path}: line 2, column 3: unknown layer 'cnov'; did you mean 'conv'?"
    )


def test_exactly_one_description_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="no layers; give them as text"):
        load_layers()
    with pytest.raises(LayerError, match="given as text and as a preset; give one"):
        load_layers("conv3", preset="hdc")
    with pytest.raises(LayerError, match="given as text and as a file and as standard input"):
        load_layers("", file=tmp_path, data=b"")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("resnet50", "column 1: unknown layer 'resnet'.*; for the network .* --preset resnet50$"),
        ("HDC", "; for the network of that name write --preset hdc$"),
        ("conv3 hdc", "column 7: unknown layer 'hdc'[^;]*$"),
        ("cnov3", "column 1: unknown layer 'cnov'; did you mean 'conv'.$"),
        ("net.rf", r"layer file net\.rf: No such file"),
        ("a\0.rf", "column 1: unknown layer 'a'"),
        ("~nobody-at-all/a.rf", "No such file"),
        ("conv3d", "column 6: dilation missing"),
        ("x" * 5000 + "/a", "unknown layer"),
    ],
)
def test_text_that_is_none_says_what_was_meant(text: str, message: str) -> None:
    with pytest.raises(LayerError, match=message):
        load_layers(text)


def test_a_file_given_as_text_is_recognised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.txt").write_text("conv3")
    with pytest.raises(LayerError, match=r"column 1: .*; .* write --file net\.txt$"):
        load_layers("net.txt")
    assert load_layers(file=Path("net.txt")).network == network("conv3")


def test_notes_say_what_may_be_meant_differently() -> None:
    assert load_layers("conv2d4 2xconv4p1:2").notes == (
        "conv2d4 is kernel 2, dilation 4; kernel 4 is conv4",
    )
    assert load_layers("conv3", treat_as=("pointwise:X",)).notes == (
        "--treat-as is for ONNX files; it changes nothing here",
    )


@pytest.fixture
def onnx_reader(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, tuple[str, ...]]]:
    """Stand in for the reader of ONNX files, and keep what it is asked for."""
    asked = []

    def load_onnx(
        path: Path, treat_as: tuple[str, ...], *, input_size: tuple[int, ...] | None
    ) -> Description:
        asked.append((path, treat_as))
        return Description(network("conv3"), (8, 8), (3, 4), ("a note",), "net")

    module = ModuleType("onnx_network")
    module.load_onnx = load_onnx  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "dilcli.features.onnx.network", module)
    return asked


def test_an_onnx_file_goes_to_its_reader(
    onnx_reader: list[tuple[Path, tuple[str, ...]]], tmp_path: Path
) -> None:
    path = tmp_path / "net.ONNX"
    found = load_layers(str(path), treat_as=("pointwise:X",), axes=2)
    assert onnx_reader == [(path, ("pointwise:X",))]
    assert found == Description(network("conv3"), (8, 8), (3, 4), ("a note",), "net")
    assert load_layers(file=path) == found


def test_an_onnx_file_has_its_own_axes_paddings_and_dilations(
    onnx_reader: list[tuple[Path, tuple[str, ...]]], tmp_path: Path
) -> None:
    with pytest.raises(LayerError, match="network of 2 axes; --axis 3 does not fit"):
        load_layers(file=tmp_path / "net.onnx", axes=3)
    notes = load_layers(file=tmp_path / "net.onnx", holes=True).notes
    assert notes == (
        "a note",
        "an ONNX file gives every padding and dilation; --padding and --holes are not used",
    )


def test_an_onnx_file_that_leaves_its_size_open_gets_the_size_that_is_given(tmp_path: Path) -> None:
    net = Net(("n", 1, "h", "w"))
    net.op("Resize", "x", "", "", net.const((1, 1, 24, 32)), mode="nearest")
    path = net.save(tmp_path / "net.onnx")
    found = load_layers(file=path, input_size=(12, 16))
    assert [node.layer.kind for node in found.network.nodes] == ["up"]
    with pytest.raises(LayerError, match="input-size"):
        load_layers(file=path)
