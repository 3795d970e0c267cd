"""What OME-Zarr says of its arrays: which one is the picture, and which axis is which.

Format: OME-NGFF 0.4 (attributes of a group of Zarr format 2) and 0.5 (in the attribute ``ome`` of
one of format 3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dilcli.files.records import Source

__all__ = ["first_level", "picture_axes"]

#: Metadata before version 0.3 names no axes, for they are always these.
_OLD_AXES = "tczyx"


def _axis_name(axis: Any) -> str:
    """Name an axis in lower case; one of the type channel is c, whatever it is called."""
    if isinstance(axis, str):
        return axis.lower()
    return "c" if axis.get("type") == "channel" else str(axis["name"]).lower()


def first_level(source: Source, attributes: dict[str, Any]) -> tuple[str, list[str]] | None:
    """Return the path of the first level and the names of its axes; None if there is no OME-Zarr.

    Raises
    ------
    ImageFileError
        If the attributes of the group name no such thing.
    """
    try:
        ome = attributes.get("ome", attributes)
        if "multiscales" not in ome:
            return None
        first = ome["multiscales"][0]
        names = [_axis_name(axis) for axis in first.get("axes", _OLD_AXES)]
        return str(first["datasets"][0]["path"]), names
    except (AttributeError, IndexError, KeyError, TypeError):
        raise source.error(
            "damaged OME-Zarr metadata; its multiscales must name axes and the path of a dataset"
        ) from None


def picture_axes(source: Source, shape: tuple[int, ...], names: list[str]) -> tuple[int, ...]:
    """Return the places of y, x and, if there is one, c among the axes of an array.

    Raises
    ------
    ImageFileError
        If y or x is missing, or another axis is longer than 1.
    """
    said = ", ".join(names)
    if len(names) != len(shape):
        raise source.error(f"OME-Zarr axes {said} do not fit an array of shape {shape}")
    if not {"y", "x"} <= set(names):
        raise source.error(f"OME-Zarr axes {said} are no picture; there must be y and x")
    axes = tuple(names.index(name) for name in "yxc" if name in names)
    for axis, (name, length) in enumerate(zip(names, shape, strict=True)):
        if axis not in axes and length != 1:
            raise source.error(
                f"axis {name} has length {length} and must have 1, for a picture has only y, x "
                "and c; store the plane that is meant on its own"
            )
    return axes
