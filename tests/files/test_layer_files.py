"""Layer files of each kind, and what is piped in."""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.errors import LayerError
from dilcli.files.layer_files import read_layer_bytes, read_layers

if TYPE_CHECKING:
    from pathlib import Path

TOML = """\
input_size = [224, 320]

[[layers]]
kind = "conv"
kernel = 3

[[layers]]
branches = [[{kind = "pool", kernel = 2}], []]
"""
DATA = {
    "input_size": [224, 320],
    "layers": [
        {"kind": "conv", "kernel": 3},
        {"branches": [[{"kind": "pool", "kernel": 2}], []]},
    ],
}
TEXT = "# a network\nconv3 conv3d2  # two layers\npool2\n"


def write(folder: Path, name: str, data: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("net.json", json.dumps(DATA), DATA),
        ("net.JSON", json.dumps(DATA["layers"]), DATA["layers"]),
        ("net.toml", TOML, DATA),
        ("net.rf", TEXT, TEXT),
        ("net.rf", "[1]", "[1]"),
        ("net.rf", "", ""),
        ("net.txt", TEXT, TEXT),
        ("net.txt", TOML, DATA),
        ("net", json.dumps(DATA), DATA),
    ],
)
def test_each_kind_of_file_is_read_as_its_name_says(
    tmp_path: Path, name: str, text: str, expected: object
) -> None:
    assert read_layers(write(tmp_path, name, text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TEXT, TEXT),
        ("", ""),
        ('[["layers"],\n"layers = 3"]', [["layers"], "layers = 3"]),
        (json.dumps(DATA), DATA),
        (json.dumps(DATA, indent=2), DATA),
        (" \n[]", []),
        (TOML, DATA),
        ('layers = "conv3"', {"layers": "conv3"}),
        ('"layers" = []', {"layers": []}),
        ("[layers]\nkind = 1", {"layers": {"kind": 1}}),
        ("[[ 'layers' ]]\nkernel = 3", {"layers": [{"kernel": 3}]}),
        ("3,1,1,SAME", "3,1,1,SAME"),
    ],
)
def test_what_is_piped_in_is_told_by_its_first_characters_and_its_layers(
    text: str, expected: object
) -> None:
    assert read_layer_bytes(text.encode(), "stdin") == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_text_is_the_same_however_an_editor_wrote_it(encoding: str, ends: str) -> None:
    data = TEXT.replace("\n", ends).encode(encoding)
    assert read_layer_bytes(data, "stdin") == TEXT
    assert read_layer_bytes(TOML.replace("\n", ends).encode(encoding), "stdin") == DATA


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("net.json", "[1", r"is not JSON \(Expecting"),
        ("net.json", "[" * 100_000, "is not JSON"),
        ("net.json", "1" * 5000, "is not JSON"),
        ("net.json", "5", r'holds no layers; wanted {"layers": \[\.\.\.\]} or a list'),
        ("net.json", "", "is not JSON"),
        ("net.toml", "[[layers]\n", r"is not TOML \(.*line 1"),
        ("net.toml", "a = " + "[" * 100_000, "is not TOML"),
        ("net.rf", b"\xff\x00\xfe", "is not text"),
        ("net.txt", b"\x89PNG\r\n", "is not text"),
        ("net.txt", b"\xff\xfe\x00", "is not text"),
        ("net.yaml", "", r"ends in '\.yaml'; known are \.json, \.toml, \.rf, \.onnx"),
        ("net.rf", b" " * (2**24 + 1), "has more than 16777216 bytes"),
    ],
)
def test_errors_name_the_file_in_one_line(
    tmp_path: Path, name: str, data: str | bytes, message: str
) -> None:
    path = write(tmp_path, name, data)
    with pytest.raises(LayerError, match=message) as caught:
        read_layers(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_none_is_a_layer_error(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match=r"layer file .*missing\.rf: No such file"):
        read_layers(tmp_path / "missing.rf")
    (tmp_path / "folder").mkdir()
    with pytest.raises(LayerError, match=r"layer file .*folder: Is a directory"):
        read_layers(tmp_path / "folder")
    with pytest.raises(LayerError, match="null byte"):
        read_layers(tmp_path / "a\0.rf")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_with_a_name_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=(TEXT,))
    writer.start()
    assert read_layers(path) == TEXT
    writer.join()


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.lists(VALUES) | st.dictionaries(st.text(), VALUES))
def test_any_json_is_read_as_it_stands(value: object) -> None:
    assert read_layer_bytes(json.dumps(value, indent=1).encode(), "stdin") == value


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_read_or_refused_in_one_line_with_their_name(data: bytes) -> None:
    with suppress(LayerError):
        assert isinstance(read_layer_bytes(data, "stdin"), dict | list | str)
        return
    with pytest.raises(LayerError, match=r"\Astdin: .*\Z"):
        read_layer_bytes(data, "stdin")
