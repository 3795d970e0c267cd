"""The figure of a comparison: what is shown of each way, on which scale, and which detail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any, Literal

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.draw.panels import Panel
    from dilcli.features.detail import Detail
    from dilcli.files import Picture

__all__ = ["PANELS", "compared_way", "draw_comparison"]

Pair = tuple[int, int]

#: What is drawn if nothing is said, in this order.
PANELS = ("input", "dilated", "implant", "bilinear", "difference")

#: The difference is that of the first of these that is drawn, else of the first that was run.
_COMPARED = ("bilinear", "bicubic", "nearest", "implant")
_TITLES = {
    "implant": "implanted",
    "nearest": "upsampled, nearest",
    "bilinear": "upsampled, bilinear",
    "bicubic": "upsampled, bicubic",
}


def draw_comparison(
    picture: Picture | NDArray[Any],
    responses: Mapping[str, NDArray[np.floating]],
    *,
    captions: Mapping[str, Sequence[str]],
    panels: Sequence[str] = PANELS,
    zoom: Detail | None = None,
    rate: Pair,
    title: str,
    facts: Sequence[str] = (),
) -> NDArray[np.uint8]:
    """Draw what the ways of a comparison made of a picture.

    Parameters
    ----------
    picture : Picture, or ndarray of shape (N,), (H, W) or (H, W, C)
        Its first frame is drawn; see `dilcli.features.preview.preview`.
    responses : mapping of str to ndarray of float, shape (H, W, C)
        By the names of the ways, ``"dilated"`` among them. Of three channels or more the luma of
        the first three is drawn, which is what a linear filter makes of the picture's luma.
    captions : mapping of str to sequence of str
        Lines below a panel, by its name.
    panels : sequence of str
        ``"input"``, names of ways, and ``"difference"``: the `compared_way` minus dilated.
    zoom : (int, int, int, int), optional
        Top, left, rows and columns of the detail; by default one where response and difference
        are strong.
    rate : (int, int)
        Rows and columns from one sampled position to the next.
    title : str
    facts : sequence of str
        Paragraphs below the title.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)

    Raises
    ------
    ArgumentError
        If a panel is unknown, there is nothing to take a difference of, or the detail does not
        lie in the picture.
    """
    from dilcli.draw.arranging import arranged
    from dilcli.draw.panels import comparison_figure
    from dilcli.features.detail import checked_detail, strongest_detail
    from dilcli.features.figure_scale import gain, largest_shown, round_end

    _check_names(panels, responses)
    images, compared = _images(responses, panels)
    dilated = images["dilated"]
    shape = (dilated.shape[0], dilated.shape[1])
    plan = arranged(shape, len(panels))
    measured = [images[name] for name in ("dilated", "difference") if name in images]
    if zoom is None:
        zoom = strongest_detail(measured, rate, plan.detail)
    else:
        checked_detail(zoom, shape)
    largest = [largest_shown(values, zoom) for values in measured]
    limit = round_end(largest[0])
    factor = gain(largest[1], limit) if compared else 1
    if "input" in panels:
        images["input"] = _pixels(picture)
    titles = {**_TITLES, "difference": f"{compared} - dilated" + (f", x{factor}" * (factor > 1))}
    return comparison_figure(
        [_panel(name, titles, captions, images[name], rate) for name in panels],
        title=title,
        facts=facts,
        notes=_notes(responses["dilated"], dilated, limit),
        limit=limit,
        zoom=zoom,
        difference_gain=factor,
    )


def compared_way(panels: Sequence[str], ways: Collection[str]) -> str:
    """Choose the way whose difference from dilated is drawn.

    Parameters
    ----------
    panels : sequence of str
        That are drawn.
    ways : collection of str
        That were run.

    Returns
    -------
    str
        Bilinear, bicubic, nearest or implant: the first of them that is drawn, else that was run.

    Raises
    ------
    ArgumentError
        If none was run.
    """
    for names in (panels, ways):
        for way in _COMPARED:
            if way in names and way in ways:
                return way
    raise ArgumentError(
        f"the panel 'difference' needs one of the ways {', '.join(_COMPARED)}, which was not run"
    )


def _check_names(panels: Sequence[str], ways: Collection[str]) -> None:
    known = ["input", *ways, "difference"]
    for name in panels:
        if name not in known:
            raise ArgumentError(f"there is no panel {name!r}; choose from {', '.join(known)}")
    if not panels:
        raise ArgumentError(f"a figure needs a panel; choose from {', '.join(known)}")


def _images(
    responses: Mapping[str, NDArray[np.floating]], panels: Sequence[str]
) -> tuple[dict[str, NDArray[Any]], str | None]:
    """Take what is drawn of each way, and the difference if it is asked for, with its way."""
    compared = compared_way(panels, responses) if "difference" in panels else None
    wanted = {"dilated", compared, *panels}
    images = {name: _one_channel(responses[name]) for name in responses if name in wanted}
    if compared is not None:
        images["difference"] = images[compared] - images["dilated"]
    return images, compared


def _panel(
    name: str,
    titles: Mapping[str, str],
    captions: Mapping[str, Sequence[str]],
    image: NDArray[Any],
    rate: Pair,
) -> Panel:
    from dilcli.draw.panels import Panel

    kinds: dict[str, Literal["picture", "difference"]]
    kinds = {"input": "picture", "difference": "difference"}
    return Panel(
        titles.get(name, name),
        captions.get(name, ()),
        image,
        kinds.get(name, "signed"),
        rate if name == "implant" else (1, 1),
    )


def _pixels(picture: Picture | NDArray[Any]) -> NDArray[np.uint8]:
    from dataclasses import replace

    from dilcli import files
    from dilcli.features.preview import preview

    if not isinstance(picture, files.Picture):
        picture = files.Picture((picture,), alpha=False, format="npy")
    frame = picture.frames[0]
    if frame.ndim == 1:
        picture = replace(picture, frames=(frame[None],))
    return preview(picture)


def _one_channel(response: NDArray[np.floating]) -> NDArray[np.floating]:
    """Take the first channel, or the luma of the first three; what is not finite becomes 0."""
    import numpy as np

    from dilcli.core.colour import LUMA

    if response.ndim == 3 and response.shape[2] >= 3:
        response = response[..., :3] @ np.asarray(LUMA, response.dtype)
    elif response.ndim == 3:
        response = response[..., 0]
    if not np.isfinite(response).all():
        response = np.nan_to_num(response, posinf=0.0, neginf=0.0)
    return response


def _notes(response: NDArray[np.floating], shown: NDArray[np.floating], limit: float) -> list[str]:
    import numpy as np

    from dilcli.draw.captions import percent

    notes = []
    if response.ndim == 3 and response.shape[2] > 1:
        channels = "luma" if response.shape[2] > 2 else "first channel"
        notes.append(f"responses: {channels} of {response.shape[2]} channels")
    beyond = np.count_nonzero(np.abs(shown) > limit) / shown.size
    if beyond:
        notes.append(
            f"{percent(float(f'{beyond:.2g}'), 1)} of the dilated responses are beyond the scale"
        )
    return notes
