"""The record beside the planes of a picture: all that putting it together again takes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dilcli.core.boundary import boundary_name
from dilcli.errors import ImageFileError

if TYPE_CHECKING:
    from dilcli.core.boundary import Boundary

__all__ = ["Sidecar", "plane_names", "sidecar_path"]

_KIND = "dilcli atrous planes"
_VERSION = 1
_DTYPES = (
    "bool",
    *(f"{sign}int{bits}" for sign in ("u", "") for bits in (8, 16, 32, 64)),
    *("float16", "float32", "float64"),
)
_SAMPLES = ("float32", "float64", "uint16")


def plane_names(levels: int) -> tuple[str, ...]:
    """Name the planes of a transform as ``{plane}`` spells them.

    Examples
    --------
    >>> plane_names(3)
    ('w1', 'w2', 'w3', 'c3')
    """
    return (*(f"w{level}" for level in range(1, levels + 1)), f"c{levels}")


def sidecar_path(residual: Path) -> Path:
    """Say where the record of a residual, or of a file of all planes, stands: beside it."""
    return residual.with_name(f"{residual.name}.json")


@dataclass(frozen=True, slots=True)
class Sidecar:
    """How planes were made and how they are stored.

    Attributes
    ----------
    kernel : str
        Its name, for readers.
    taps : tuple of float
        The scaling function.
    levels, generation, boundary, fill
        As in `dilcli.starlet`.
    source : str
        Name of the picture's file.
    dtype : str
        Of the picture's samples.
    shape : tuple of int
        Of the picture, or of its first frame, alpha included.
    associated_alpha : bool
        Whether colours were multiplied with alpha.
    samples : {"float32", "float64", "uint16"}
        Of the planes.
    offset, gain : float
        A plane is ``(sample - offset) / gain``.
    stack : bool
        Whether all planes are pages of one file.
    files : tuple of str
        Names of the planes' files, w1 to the residual, or that of the stack.
    alpha : str or None
        Name of the file that holds alpha.
    frames : int
        How many there are; each plane has as many pages. In a stack all planes of a frame stand
        before those of the next.
    shapes : tuple of tuple of int
        Of every frame, where they differ.
    durations : tuple of float
        Of the frames of an animation, in milliseconds.
    loop : int or None
        How often an animation is played; 0 for ever.
    """

    kernel: str
    taps: tuple[float, ...]
    levels: int
    generation: int
    boundary: Boundary
    fill: float
    source: str
    dtype: str
    shape: tuple[int, ...]
    associated_alpha: bool
    samples: str
    offset: float
    gain: float
    stack: bool
    files: tuple[str, ...]
    alpha: str | None = None
    frames: int = 1
    shapes: tuple[tuple[int, ...], ...] = ()
    durations: tuple[float, ...] = ()
    loop: int | None = None

    def shape_of(self, frame: int) -> tuple[int, ...]:
        """Give the shape of a frame, alpha included."""
        return self.shapes[frame] if self.shapes else self.shape

    def as_text(self) -> str:
        """Write the record as JSON."""
        record = {"kind": _KIND, "version": _VERSION, **asdict(self)}
        return json.dumps(record, indent=2, allow_nan=False) + "\n"

    @classmethod
    def read(cls, path: Path) -> Sidecar:
        """Read the record of a file.

        Raises
        ------
        ImageFileError
            If it cannot be read, or is no such record.
        """
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ImageFileError(f"{path}: cannot read: {error.strerror or error}") from None
        except (ValueError, RecursionError):
            raise ImageFileError(f"{path}: is no JSON; want what atrous decompose wrote") from None
        try:
            return _checked(record)
        except (LookupError, TypeError, ValueError, ArithmeticError) as error:
            what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise ImageFileError(
                f"{path}: is no record of planes as atrous decompose writes it: {what}"
            ) from None


def _checked(record: Any) -> Sidecar:
    from dilcli.core.scaling import scaling_taps

    if not isinstance(record, dict) or record.get("kind") != _KIND:
        raise ValueError(f"kind is not {_KIND!r}")
    if record["version"] != _VERSION:
        raise ValueError(f"version is {record['version']!r}, want {_VERSION}")
    levels, generation, stack = record["levels"], record["generation"], record["stack"]
    files = tuple(map(_name, record["files"]))
    if type(levels) is not int or len(files) != (1 if stack is True else levels + 1):
        raise ValueError(f"{len(files)} files do not hold {levels!r} levels and a residual")
    if generation not in (1, 2) or levels < 1:
        raise ValueError(f"generation {generation!r} or levels {levels!r} have no meaning")
    samples, offset, gain = record["samples"], float(record["offset"]), float(record["gain"])
    if samples not in _SAMPLES or not (isfinite(offset) and isfinite(gain) and gain):
        raise ValueError(f"samples {samples!r} with gain {gain!r} have no meaning")
    shape, alpha = _shape(record["shape"]), record["alpha"]
    if alpha is not None and (len(shape) < 3 or shape[2] < 2):
        raise ValueError(f"shape {shape!r} has no alpha")
    return Sidecar(
        kernel=str(record["kernel"]),
        taps=scaling_taps(record["taps"]),
        levels=levels,
        generation=int(generation),
        boundary=boundary_name(str(record["boundary"])),
        fill=float(record["fill"]),
        source=str(record["source"]),
        dtype=_dtype(record["dtype"]),
        shape=shape,
        associated_alpha=record["associated_alpha"] is True,
        samples=samples,
        offset=offset,
        gain=gain,
        stack=stack is True,
        files=files,
        alpha=None if alpha is None else _name(alpha),
        **_frames(record, shape),
    )


def _frames(record: dict[str, Any], shape: tuple[int, ...]) -> dict[str, Any]:
    """Check what is said of several frames; records of before know of one only."""
    frames, loop = record.get("frames", 1), record.get("loop")
    shapes = tuple(map(_shape, record.get("shapes", ())))
    durations = tuple(map(float, record.get("durations", ())))
    if type(frames) is not int or frames < 1:
        raise ValueError(f"{frames!r} frames have no meaning")
    if len(shapes) not in (0, frames) or any(each[2:] != shape[2:] for each in shapes):
        raise ValueError(f"shapes {shapes!r} are not those of {frames} frames")
    if len(durations) not in (0, frames) or not all(map(isfinite, durations)):
        raise ValueError(f"durations {durations!r} are not those of {frames} frames")
    if loop is not None and (type(loop) is not int or loop < 0):
        raise ValueError(f"loop {loop!r} has no meaning")
    return {"frames": frames, "shapes": shapes, "durations": durations, "loop": loop}


def _shape(value: Any) -> tuple[int, ...]:
    shape = tuple(value)
    if not 1 <= len(shape) <= 3 or not all(type(side) is int and side > 0 for side in shape):
        raise ValueError(f"shape {shape!r} is that of no picture")
    return shape


def _name(value: Any) -> str:
    """Refuse what leads out of the record's own folder."""
    if not isinstance(value, str) or "\0" in value or Path(value).name in ("", ".."):
        raise ValueError(f"{value!r} is not the name of a file")
    if Path(value).name != value:
        raise ValueError(f"{value!r} is not the name of a file")
    return value


def _dtype(value: Any) -> str:
    if value not in _DTYPES:
        raise ValueError(f"samples of type {value!r} are those of no picture")
    return str(value)
