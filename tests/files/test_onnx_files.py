"""ONNX files read as plain records, without their weights; everything else refused in one line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import external_data_helper, helper

from dilcli.errors import LayerError
from dilcli.files.onnx_files import OnnxNode, read_onnx
from tests.onnx_networks import Net, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def small() -> Net:
    net = Net((1, 3, 8, 10))
    x = net.conv("x", 3, 4, 3, 3, strides=[2, 1], name="stem", auto_pad="SAME_UPPER")
    net.op("Resize", x, "", net.const([1, 1, 2, 2], "float32"), mode="nearest")
    return net


def test_a_graph_is_read_as_the_file_has_it(tmp_path: Path) -> None:
    graph = read_onnx(small().save(tmp_path / "a.onnx"))
    stem, resize = graph.nodes
    assert stem == OnnxNode(
        "stem", "Conv", ("x", "c0"), ("t0a",), {"strides": (2, 1), "auto_pad": "SAME_UPPER"}
    )
    assert resize.inputs == ("t0a", "", "c1")
    assert graph.inputs == {"x": (1, 3, 8, 10)}
    assert graph.outputs == ("t1a",)
    assert graph.opset == 17
    assert not graph.assumed
    assert graph.shapes["c0"] == (4, 3, 3, 3)
    assert graph.shapes["t1a"] == (1, 4, 8, 20)
    assert graph.values == {"c0": (0.25,) * 108, "c1": (1.0, 1.0, 2.0, 2.0)}


def test_records_hold_numbers_text_and_tuples_only(tmp_path: Path) -> None:
    graph = read_onnx(small().save(tmp_path / "a.onnx"))

    def leaves(value: object) -> Iterator[object]:
        if isinstance(value, dict):
            yield from leaves(tuple(value.items()))
        elif isinstance(value, tuple):
            for member in value:
                yield from leaves(member)
        else:
            yield value

    assert {type(leaf) for leaf in leaves(graph)} == {str, int, float, bool}


def test_weights_in_files_beside_it_are_not_opened(tmp_path: Path) -> None:
    model = small().model()
    for tensor in model.graph.initializer:
        if tensor.name == "c0":
            external_data_helper.set_external_data(tensor, "no such file")
            tensor.ClearField("raw_data")
    path = tmp_path / "a.onnx"
    path.write_bytes(model.SerializeToString())
    graph = read_onnx(path)
    assert graph.shapes["c0"] == (4, 3, 3, 3)
    assert graph.shapes["t1a"] == (1, 4, 8, 20)
    assert "c0" not in graph.values


def test_weights_that_old_files_list_among_the_inputs_are_none(tmp_path: Path) -> None:
    net = small()
    net.inputs.append(helper.make_tensor_value_info("c0", 1, [4, 3, 3, 3]))
    assert list(read_onnx(net.save(tmp_path / "a.onnx")).inputs) == ["x"]


def test_names_fit_into_a_line_and_tell_other_domains(tmp_path: Path) -> None:
    net = Net()
    net.op("Relu", "x", name="a\r\nb\x1b")
    net.op("Odd", "t0a", name="", domain="my.own")
    net.op("FastGelu", "t1a", name="", domain="com.microsoft")
    nodes = read_onnx(net.save(tmp_path / "a.onnx")).nodes
    assert [node.name for node in nodes] == ["a??b?", "my.own.Odd_1", "FastGelu_2"]
    assert [node.op for node in nodes] == ["Relu", "my.own.Odd", "FastGelu"]


def test_functions_of_the_file_are_written_out(tmp_path: Path) -> None:
    net = Net((1, 3, 8, 8))
    net.op("Twice", net.conv("x", 3, 4, 3, 3), domain="my.own")
    model = net.model()
    body = [helper.make_node("Relu", ["a"], ["b"]), helper.make_node("Abs", ["b"], ["c"])]
    opsets = [helper.make_opsetid("", 17)]
    model.functions.append(helper.make_function("my.own", "Twice", ["a"], ["c"], body, opsets))
    path = tmp_path / "a.onnx"
    path.write_bytes(model.SerializeToString())
    assert [node.op for node in read_onnx(path).nodes] == ["Conv", "Relu", "Abs"]


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"", "is empty; wanted an ONNX network"),
        (b"conv3 conv3d2\n", "is no ONNX file, or is damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "is no ONNX file, or is damaged"),
        (onnx.ModelProto(ir_version=8).SerializeToString(), "is no ONNX file, or holds no network"),
        (bytes([8, 8]) + bytes([0x3A, 0]), "is no ONNX file, or holds no network"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: bytes, wrong: str) -> None:
    path = tmp_path / "a.onnx"
    path.write_bytes(content)
    with pytest.raises(LayerError) as caught:
        read_onnx(path)
    assert str(caught.value) == f"layer file {path}: {wrong}"


def test_a_network_without_an_output_is_refused(tmp_path: Path) -> None:
    model = small().model()
    del model.graph.output[:]
    path = tmp_path / "a.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(LayerError, match="holds a network without an output"):
        read_onnx(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="no such\\.onnx: No such file or directory"):
        read_onnx(tmp_path / "no such.onnx")
    with pytest.raises(LayerError, match="Is a directory"):
        read_onnx(tmp_path)


def test_a_file_beyond_what_protocol_buffers_hold_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.onnx"
    with path.open("wb") as file:
        file.truncate(2**31)
    with pytest.raises(LayerError, match="has 2147483648 bytes; ONNX files end at 2147483648"):
        read_onnx(path)


def test_names_that_are_no_text_are_damage(tmp_path: Path) -> None:
    net = small()
    path = net.save(tmp_path / "a.onnx")
    path.write_bytes(path.read_bytes().replace(b"stem", b"\xff\xfe\xfd\xfc"))
    with pytest.raises(LayerError, match=r"a\.onnx: is "):
        read_onnx(path)


def test_without_the_package_a_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small().save(tmp_path / "a.onnx")
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(LayerError) as caught:
        read_onnx(path)
    wanted = f"layer file {path}: ONNX files need the package onnx; pip install 'dilcli[onnx]'"
    assert str(caught.value) == wanted


@given(st.binary(max_size=200))
def test_any_bytes_are_a_graph_or_one_line(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.onnx"
    path.write_bytes(content)
    message = refusal(read_onnx, path)
    assert message is None or message.startswith(f"layer file {path}: ")
    assert "\n" not in (message or "")
