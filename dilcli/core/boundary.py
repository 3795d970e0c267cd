"""What stands outside the image: five modes under SciPy's names, their aliases and index maps.

The same words mean different pictures in different libraries; this is the table between them:

=============================  ========  ===========  ============  =============  =======
picture                        dilcli    numpy.pad    PyTorch       PyWavelets     astropy
=============================  ========  ===========  ============  =============  =======
``d c b a|a b c d|d c b a``    reflect   symmetric    --            symmetric      --
``d c b|a b c d|c b a``        mirror    reflect      reflect       reflect        --
``a a a|a b c d|d d d``        nearest   edge         replicate     constant       extend
``b c d|a b c d|a b c``        wrap      wrap         circular      periodic       wrap
``k k k|a b c d|k k k``        constant  constant     constant      zero           fill
=============================  ========  ===========  ============  =============  =======
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal, get_args

from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "ALIASES",
    "BOUNDARIES",
    "NUMPY_PAD_MODES",
    "PICTURES",
    "Boundary",
    "boundary_name",
    "equivalent_offset",
    "source_index",
]

Boundary = Literal["reflect", "mirror", "nearest", "wrap", "constant"]

#: The five modes, the default first.
BOUNDARIES: tuple[Boundary, ...] = get_args(Boundary)

#: Words of other libraries that name one picture without doubt.
ALIASES: dict[str, Boundary] = {
    "symmetric": "reflect",
    "reflect101": "mirror",
    "edge": "nearest",
    "replicate": "nearest",
    "circular": "wrap",
    "periodic": "wrap",
    "zero": "constant",
}

#: The image ``a b c d`` and what stands beside it.
PICTURES: dict[Boundary, str] = {
    "reflect": "d c b a | a b c d | d c b a",
    "mirror": "d c b | a b c d | c b a",
    "nearest": "a a a a | a b c d | d d d d",
    "wrap": "a b c d | a b c d | a b c d",
    "constant": "k k k k | a b c d | k k k k",
}

#: The mode of `numpy.pad` that draws the same picture.
NUMPY_PAD_MODES: dict[Boundary, Literal["symmetric", "reflect", "edge", "wrap", "constant"]] = {
    "reflect": "symmetric",
    "mirror": "reflect",
    "nearest": "edge",
    "wrap": "wrap",
    "constant": "constant",
}


def boundary_name(text: str) -> Boundary:
    """Give the one name of a boundary that may be spelled as an alias.

    Parameters
    ----------
    text : str
        One of `BOUNDARIES` or a key of `ALIASES`, in any case.

    Returns
    -------
    str
        One of `BOUNDARIES`.

    Raises
    ------
    ArgumentError
        If the word is unknown; the message names the nearest one.
    """
    word = text.strip().lower()
    for name in BOUNDARIES:
        if word == name:
            return name
    if word in ALIASES:
        return ALIASES[word]
    near = get_close_matches(word, [*BOUNDARIES, *ALIASES], n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ArgumentError(
        f"unknown boundary {text!r}.{hint} (choices: {', '.join(BOUNDARIES)}; "
        f"{', '.join(ALIASES)} also work)"
    )


def source_index(index: NDArray[np.intp], length: int, boundary: Boundary) -> NDArray[np.intp]:
    """Map positions that may lie outside an axis to the sample that stands there.

    Parameters
    ----------
    index : ndarray of intp, any shape
        Positions, from any distance on either side.
    length : int
        Samples on the axis, at least 1.
    boundary : str
        One of `BOUNDARIES`.

    Returns
    -------
    ndarray of intp
        Positions in ``[0, length)``; -1 where the boundary is ``"constant"`` and the position is
        outside.
    """
    import numpy as np

    source: NDArray[np.intp]
    if boundary == "nearest":
        source = np.clip(index, 0, length - 1)
    elif boundary == "wrap":
        source = np.mod(index, length)
    elif boundary == "constant":
        source = np.where((index >= 0) & (index < length), index, -1)
    elif boundary == "reflect":
        source = np.mod(index, 2 * length)
        source = np.minimum(source, 2 * length - 1 - source)
    else:
        period = max(2 * length - 2, 1)
        source = np.mod(index, period)
        source = np.minimum(source, period - source)
    return source


def equivalent_offset(offset: int, length: int, boundary: Boundary) -> int:
    """Shorten an offset without changing the sample it reaches from any position of the axis.

    A tap that looks 40 times the image aside reads what a tap at most one image aside reads, so
    a far reach needs no wider margin than a near one.

    Parameters
    ----------
    offset : int
        Distance from a position inside the axis to a tap.
    length : int
        Samples on the axis, at least 1.
    boundary : str
        One of `BOUNDARIES`.

    Returns
    -------
    int
        An offset of at most `length` to either side.
    """
    if boundary in ("nearest", "constant"):
        return max(-length, min(length, offset))
    period = {"wrap": length, "reflect": 2 * length, "mirror": max(2 * length - 2, 1)}[boundary]
    if abs(offset) <= period // 2:
        return offset
    return (offset + period // 2) % period - period // 2
