"""Layers from whatever a user may give: text, a file, a preset, or bytes from a pipe."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from dilcli.core.receptive.network import lay_out
from dilcli.core.receptive.reading import Reading, quoted
from dilcli.core.receptive.text import read_text
from dilcli.errors import LayerError

if TYPE_CHECKING:
    from dilcli.core.receptive.layers import PaddingRule
    from dilcli.core.receptive.network import Item, Network

__all__ = ["Description", "load_layers"]

_FILES = (".onnx", ".toml", ".json", ".rf")
_LONGEST_NAME = 200
_KEYS = ("layers", "input_size", "channels", "axes", "name")


class Description(NamedTuple):
    """A network and what its description says about it.

    Attributes
    ----------
    network : Network
    input_size : tuple of int, optional
        Pixels along each axis, rows first.
    channels : tuple of int, optional
        Of the input, then of the convolutions.
    notes : tuple of str
        What a user may have meant differently; one line each.
    name : str
        Of the preset, the file without its extension, or ``custom``.
    """

    network: Network
    input_size: tuple[int, ...] | None
    channels: tuple[int, ...] | None
    notes: tuple[str, ...]
    name: str


def load_layers(
    text: str | None = None,
    *,
    file: Path | None = None,
    preset: str | None = None,
    data: bytes | None = None,
    axes: int | None = None,
    padding: PaddingRule | None = None,
    holes: bool = False,
    treat_as: tuple[str, ...] = (),
    input_size: tuple[int, ...] | None = None,
) -> Description:
    """Read a network from the one of four descriptions that is given.

    Parameters
    ----------
    text : str, optional
        Layer text; or the name of a .onnx, .toml, .json or .rf file.
    file : Path, optional
        .onnx, .toml, .json or .rf.
    preset : str, optional
        The name of a known network.
    data : bytes, optional
        JSON, TOML or layer text; which of them is seen from the bytes.
    axes : int, optional
        Default: what the description says, else as many as its sizes, else 2.
    padding : {"half", "valid", "same", "causal"}, optional
        Of convolutions that give none; default ``half``.
    holes : bool
        Dilations of the user's description count the gaps between taps: 0 is dense.
    treat_as : tuple of str
        For ONNX files: ``pointwise:OP`` lets an unknown operator pass, ``whole:OP`` takes it for
        one that sees everything; OP may be a node's name.
    input_size : tuple of int, optional
        For ONNX files that leave their size open where layers depend on it; one number is for all
        axes. Others are described without it.

    Raises
    ------
    LayerError
        If not exactly one is given, or it cannot be read. One line that says where.
    """
    given = {"text": text, "a file": file, "a preset": preset, "standard input": data}
    sources = [source for source, value in given.items() if value is not None]
    if not sources:
        raise LayerError('no layers; give them as text ("conv3 conv3d2"), --file or --preset')
    if len(sources) > 1:
        raise LayerError(f"layers are given as {' and as '.join(sources)}; give one of them")
    reading = Reading(padding, holes, axes)
    file = _file_in(text) if text is not None else file
    if file is not None and file.suffix.lower() == ".onnx":
        return _from_onnx(file, reading, treat_as, input_size)
    if treat_as:
        reading.note("--treat-as is for ONNX files; it changes nothing here")
    if preset is not None:
        return _from_preset(preset, reading)
    if file is not None:
        from dilcli.files.layer_files import read_layers

        return _from_data(read_layers(file), f"layer file {file}", file.stem, reading)
    if data is not None:
        from dilcli.files.layer_files import read_layer_bytes

        return _from_data(
            read_layer_bytes(data, "standard input"), "standard input", "stdin", reading
        )
    return _from_text(text or "", reading)


def _file_in(text: str) -> Path | None:
    """See a file's name in a text: no layer ends as one, unless it is named so."""
    word = text.strip()
    if not word.lower().endswith(_FILES) or "\0" in word:
        return None
    path = Path(word)
    with suppress(RuntimeError):  # no such user: then it is a file's odd name
        path = path.expanduser()
    with suppress(OSError):
        return path if len(word.split()) == 1 or path.is_file() else None
    return None


def _from_text(text: str, reading: Reading) -> Description:
    try:
        items = read_text(text, reading)[0]
        return _described(items, reading, "custom")
    except LayerError as error:
        raise LayerError(f"{error}{_meant(text.strip())}") from error


def _meant(word: str) -> str:
    """Tell a user who gave the name of a preset or of a file as layer text."""
    from dilcli.core.receptive.presets import preset

    if len(word.split()) != 1 or len(word) > _LONGEST_NAME:
        return ""
    with suppress(LayerError):
        return f"; for the network of that name write --preset {preset(word).name}"
    with suppress(OSError, ValueError):
        return f"; for the file of that name write --file {word}" if Path(word).is_file() else ""
    return ""


def _from_preset(name: str, reading: Reading) -> Description:
    from dilcli.core.receptive.presets import preset

    known = preset(name)
    own = Reading(reading.padding, axes=known.axes if reading.axes is None else reading.axes)
    items = read_text(known.text, own)[0]
    found = _described(items, own, known.name)
    return found._replace(notes=(*reading.notes, *known.notes))


def _from_onnx(
    file: Path, reading: Reading, treat_as: tuple[str, ...], input_size: tuple[int, ...] | None
) -> Description:
    from dilcli.features.onnx.network import load_onnx

    found = load_onnx(file, treat_as, input_size=input_size)
    if reading.axes not in (None, found.network.axes):
        raise LayerError(
            f"layer file {file} has a network of {found.network.axes} axes; "
            f"--axis {reading.axes} does not fit"
        )
    if reading.padding is not None or reading.holes:
        note = "an ONNX file gives every padding and dilation; --padding and --holes are not used"
        return found._replace(notes=(*found.notes, note))
    return found


def _from_data(value: object, source: str, name: str, reading: Reading) -> Description:
    """Read layer text, a list of layers, or a table with ``layers`` and what goes with them."""
    try:
        if isinstance(value, str):
            return _described(read_text(value, reading)[0], reading, name)
        table: dict[str, Any] = value if isinstance(value, dict) else {"layers": value}
        return _from_table(table, name, reading)
    except LayerError as error:
        raise LayerError(f"{source}: {error}") from error


def _from_table(table: dict[str, Any], name: str, reading: Reading) -> Description:
    from dilcli.core.receptive.record_values import whole_number, word
    from dilcli.core.receptive.records import read_records

    given = _known(table, reading)
    size = _counts(given, "input_size")
    channels = _counts(given, "channels")
    if "axes" in given:
        axes = whole_number(given["axes"], "axes")
        if axes not in (1, 2, 3):
            raise LayerError(f"axes: wants 1, 2 or 3 (got {axes})")
        if reading.axes is None:
            reading.axes, reading.ranked = axes, "the key axes"
    items = read_records(given["layers"], reading)
    if reading.axes is None and isinstance(given.get("input_size"), list):
        reading.axes = len(given["input_size"])
    found = _described(items, reading, word(given["name"], "name") if "name" in given else name)
    axes = found.network.axes
    if size is not None and not isinstance(given["input_size"], list):
        size *= axes
    if size is not None and len(size) != axes:
        raise LayerError(f"input_size: numbers for {len(size)} axes in a network of {axes}")
    return found._replace(input_size=size, channels=channels)


def _known(table: dict[str, Any], reading: Reading) -> dict[str, Any]:
    """Take the keys that have a meaning; say which have none, and refuse misspelt ones."""
    from difflib import get_close_matches

    unused = [str(key) for key in table if key not in _KEYS]
    for key in unused:
        if near := get_close_matches(key[:_LONGEST_NAME], _KEYS, 1, 0.65):
            raise LayerError(f"unknown key {quoted(key)}; did you mean {near[0]!r}?")
    if table.get("layers") is None:
        raise LayerError("no key 'layers' with a list of layers")
    if unused:
        reading.note(f"keys that are not used: {', '.join(map(quoted, unused[:8]))}")
    return {key: table[key] for key in _KEYS if table.get(key) is not None}


def _counts(given: dict[str, Any], key: str) -> tuple[int, ...] | None:
    """Read one number of at least 1, or a list of them."""
    from dilcli.core.receptive.record_values import whole_number

    if key not in given:
        return None
    members = given[key] if isinstance(given[key], list) else [given[key]]
    numbers = tuple(whole_number(member, key) for member in members)
    if min(numbers, default=0) < 1:
        raise LayerError(f"{key}: wants numbers of at least 1 (got {min(numbers, default='none')})")
    return numbers


def _described(items: tuple[Item, ...], reading: Reading, name: str) -> Description:
    return Description(lay_out(items, reading.axes), None, None, tuple(reading.notes), name)
