"""All planes of a picture on one sheet: details on one signed scale, the residual as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.features.starlet_shown import ShownPlane

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import DTypeLike, NDArray

__all__ = ["draw_montage", "shown_planes"]

_TITLE, _WORDS, _GAP = 15, 12, 12


def shown_planes(shape: tuple[int, ...], levels: int) -> list[ShownPlane]:
    """Make room for what is shown of each plane of a picture.

    Parameters
    ----------
    shape : tuple of int
        (N,), (H, W) or (H, W, C).
    levels : int

    Returns
    -------
    list of ShownPlane
        For w_1 to w_J, then the residual.
    """
    from dilcli.draw.arranging import arranged

    whole = arranged(_rows_and_columns(shape), levels + 1).whole
    return [ShownPlane(whole) for _ in range(levels + 1)]


def _rows_and_columns(shape: tuple[int, ...]) -> tuple[int, int]:
    return (1, shape[0]) if len(shape) == 1 else (shape[0], shape[1])


def draw_montage(
    planes: Sequence[ShownPlane], source: DTypeLike, *, title: str, facts: Sequence[str]
) -> NDArray[np.uint8]:
    """Draw planes side by side.

    Parameters
    ----------
    planes : sequence of ShownPlane
        Of `shown_planes`, with all rows taken in.
    source : dtype
        Of the picture, in whose range the residual is shown.
    title : str
    facts : sequence of str

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
    """
    from dilcli.draw.arranging import arranged
    from dilcli.draw.figures import figure
    from dilcli.draw.scale_bars import scale_bar
    from dilcli.features.figure_scale import largest_shown, round_end

    *details, residual = planes
    rows, columns = residual.spans
    plan = arranged((rows.length, columns.length), len(planes))
    limit = round_end(max(largest_shown(detail.sampled, None) for detail in details))
    names = [*(f"w{level}" for level in range(1, len(planes))), f"c{len(details)}, the residual"]
    tiles = [
        _tile(name, plane, _coloured(plane, limit), plan.width)
        for name, plane in zip(names, details, strict=False)
    ]
    tiles.append(_tile(names[-1], residual, _picture(residual, source), plan.width))
    across = max(plan.columns, 1)
    body = _lines([tiles[at : at + across] for at in range(0, len(tiles), across)])
    bar = scale_bar([("details", limit)], 440)
    return figure(_below([body, bar]), title=title, facts=facts, entries=())


def _coloured(plane: ShownPlane, limit: float) -> NDArray[np.uint8]:
    from dilcli.draw.colours import signed_colours

    return signed_colours(plane.dots(plane.means / limit))


def _picture(residual: ShownPlane, source: DTypeLike) -> NDArray[np.uint8]:
    from dilcli import files
    from dilcli.features.preview import preview
    from dilcli.features.starlet_samples import fitted

    samples, _ = fitted(residual.means.copy(), source)
    shown = preview(files.Picture((samples,), alpha=False, format="npy"))
    return residual.dots(shown)


def _tile(name: str, plane: ShownPlane, image: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    from dilcli.draw.captions import caption
    from dilcli.draw.colours import SOFT

    words = f"{plane.low:.4g} to {plane.high:.4g}, standard deviation {plane.deviation:.4g}"
    width = max(width, image.shape[1])
    return _below(
        [
            caption([name], width, size=_TITLE),
            image,
            caption([words], width, size=_WORDS, colour=SOFT),
        ]
    )


def _lines(lines: Sequence[Sequence[NDArray[np.uint8]]]) -> NDArray[np.uint8]:
    from dilcli.draw.figures import beside

    return _below([beside(line) for line in lines])


def _below(parts: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Stand pictures below one another, on paper."""
    import numpy as np

    from dilcli.draw.colours import PAPER

    width = max(part.shape[1] for part in parts)
    padded = [
        np.pad(part, ((0, _GAP // 2), (0, width - part.shape[1]), (0, 0)), constant_values=PAPER[0])
        for part in parts
    ]
    return np.concatenate(padded)
