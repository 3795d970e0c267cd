from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.errors import ImageFileError
from dilcli.files.ome_zarr import first_level, picture_axes
from dilcli.files.records import Source

SOURCE = Source("x.zarr", data=b"")
TYPES = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}


def _multiscales(axes: Any, *paths: str) -> dict[str, Any]:
    return {"multiscales": [{"axes": axes, "datasets": [{"path": path} for path in paths]}]}


AXES = [{"name": name, "type": kind} for name, kind in TYPES.items()]


@pytest.mark.parametrize(
    "attributes",
    [
        _multiscales(AXES, "s0", "s1"),
        {"ome": _multiscales(AXES, "s0", "s1"), "other": 1},
        _multiscales(list("tczyx"), "s0"),
        _multiscales(list("TCZYX"), "s0"),
        {"multiscales": [{"datasets": [{"path": "s0"}]}]},
        {"multiscales": [*_multiscales(AXES, "s0")["multiscales"], {"broken": True}]},
    ],
)
def test_every_version_names_the_first_level_and_its_axes(attributes: dict[str, Any]) -> None:
    assert first_level(SOURCE, attributes) == ("s0", list("tczyx"))


def test_an_axis_of_the_type_channel_is_c_whatever_its_name() -> None:
    axes = [{"name": "Y"}, {"name": "x", "type": "space"}, {"name": "band", "type": "channel"}]
    assert first_level(SOURCE, _multiscales(axes, "0")) == ("0", ["y", "x", "c"])


@pytest.mark.parametrize("attributes", [{}, {"ome": {"version": "0.5"}}, {"scale": 1}])
def test_other_attributes_are_no_ome_zarr(attributes: dict[str, Any]) -> None:
    assert first_level(SOURCE, attributes) is None


@pytest.mark.parametrize(
    "attributes",
    [
        {"ome": None},
        {"multiscales": []},
        {"multiscales": 3},
        {"multiscales": ["s0"]},
        _multiscales(AXES),
        _multiscales([{"type": "space"}], "s0"),
        _multiscales([1, 2], "s0"),
        _multiscales(None, "s0"),
        {"multiscales": [{"axes": AXES, "datasets": [{}]}]},
    ],
)
def test_damaged_metadata_is_one_line(attributes: dict[str, Any]) -> None:
    with pytest.raises(ImageFileError, match=r"^x\.zarr: damaged OME-Zarr metadata; .*\.?$"):
        first_level(SOURCE, attributes)


@given(st.permutations("tczyx"), st.data())
def test_y_x_and_c_are_found_wherever_they_stand(order: list[str], data: st.DataObject) -> None:
    names = [name for name in order if name in "yx" or data.draw(st.booleans())]
    shape = tuple(1 if name in "tz" else 7 for name in names)
    axes = picture_axes(SOURCE, shape, names)
    assert "".join(names[axis] for axis in axes) == ("yxc" if "c" in names else "yx")


@pytest.mark.parametrize(
    ("names", "shape", "said"),
    [
        ("tczyx", (1, 3, 12, 5, 6), "axis z has length 12 and must have 1"),
        ("tyx", (4, 5, 6), "axis t has length 4"),
        ("cyxc", (3, 5, 6, 2), "axis c has length 2"),
        ("czyx", (5, 6), r"axes c, z, y, x do not fit an array of shape \(5, 6\)"),
        ("zx", (5, 6), "axes z, x are no picture; there must be y and x"),
    ],
)
def test_what_is_more_than_a_picture_is_refused(
    names: str, shape: tuple[int, ...], said: str
) -> None:
    with pytest.raises(ImageFileError, match=said) as caught:
        picture_axes(SOURCE, shape, list(names))
    assert "\n" not in str(caught.value)
