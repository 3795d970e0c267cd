"""The record beside planes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from dilcli.errors import ImageFileError
from dilcli.features.starlet_sidecar import Sidecar, plane_names, sidecar_path

if TYPE_CHECKING:
    from pathlib import Path

#: What a record of a single frame may lack.
OF_FRAMES = {"frames", "shapes", "durations", "loop"}
RECORD = Sidecar(
    kernel="linear",
    taps=(0.25, 0.5, 0.25),
    levels=2,
    generation=2,
    boundary="mirror",
    fill=0.0,
    source="a.png",
    dtype="uint8",
    shape=(4, 5, 4),
    associated_alpha=False,
    samples="uint16",
    offset=32768.0,
    gain=32767 / 255,
    stack=False,
    files=("a_w1.tif", "a_w2.tif", "a_c2.tif"),
    alpha="a_alpha.tif",
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = sidecar_path(tmp_path / "a_c2.tif")
    assert path.name == "a_c2.tif.json"
    path.write_text(RECORD.as_text())
    assert Sidecar.read(path) == RECORD


def test_planes_are_named_from_the_finest_on() -> None:
    assert plane_names(1) == ("w1", "c1")


def test_frames_may_have_shapes_and_durations_of_their_own(tmp_path: Path) -> None:
    shapes = ((4, 5, 4), (7, 2, 4))
    record = replace(RECORD, frames=2, shapes=shapes, durations=(40.0, 5.5), loop=0)
    path = tmp_path / "r.json"
    path.write_text(record.as_text())
    assert Sidecar.read(path) == record
    assert [record.shape_of(frame) for frame in (0, 1)] == list(shapes)
    assert replace(record, shapes=()).shape_of(1) == (4, 5, 4)


def test_a_record_of_before_is_of_one_frame(tmp_path: Path) -> None:
    text = json.loads(RECORD.as_text())
    for name in OF_FRAMES:
        del text[name]
    path = tmp_path / "r.json"
    path.write_text(json.dumps(text))
    assert Sidecar.read(path) == RECORD


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "else"}, "kind"),
        ({"frames": 0}, "0 frames"),
        ({"frames": True}, "True frames"),
        ({"frames": 2, "shapes": [[4, 5, 4]]}, "not those of 2 frames"),
        ({"frames": 2, "shapes": [[4, 5, 4], [4, 5]]}, "not those of 2 frames"),
        ({"frames": 2, "durations": [1]}, "durations"),
        ({"durations": [float("inf")]}, "durations"),
        ({"loop": -1}, "loop -1"),
        ({"version": 2}, "version is 2"),
        ({"levels": 3}, "3 files do not hold 3 levels"),
        ({"levels": "2"}, "levels"),
        ({"levels": 0, "files": ["a"]}, "levels 0"),
        ({"generation": 3}, "generation 3"),
        ({"boundary": "no"}, "unknown boundary"),
        ({"taps": [1, 2]}, "sums to 3"),
        ({"taps": None}, "not a row of numbers"),
        ({"samples": "int8"}, "samples 'int8'"),
        ({"gain": 0}, "gain"),
        ({"gain": 10**400}, "too large"),
        ({"shape": [4, 0]}, "shape"),
        ({"shape": 3}, "not iterable"),
        ({"shape": [4, 5]}, "has no alpha"),
        ({"dtype": "object"}, "samples of type"),
        ({"files": ["a", "b", "../c"]}, "is not the name of a file"),
        ({"alpha": ".."}, "is not the name of a file"),
    ],
)
def test_what_is_no_record_is_refused_in_one_line(
    change: dict[str, Any], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(json.loads(RECORD.as_text()) | change))
    with pytest.raises(ImageFileError) as caught:
        Sidecar.read(path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", sorted(json.loads(RECORD.as_text()).keys() - OF_FRAMES))
def test_a_record_without_one_of_its_keys_is_refused(name: str, tmp_path: Path) -> None:
    record = json.loads(RECORD.as_text())
    del record[name]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(record))
    with pytest.raises(ImageFileError, match=name):
        Sidecar.read(path)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 9999])
def test_what_is_no_json_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(data)
    with pytest.raises(ImageFileError, match="is no JSON"):
        Sidecar.read(path)


def test_a_missing_record_is_said(tmp_path: Path) -> None:
    with pytest.raises(ImageFileError, match="cannot read"):
        Sidecar.read(tmp_path / "a.json")
