"""The grammar of layers in text: ``conv7s2p3 3xconv3 2x(conv3 conv3 | id) cat(conv3 | conv3d6)``.

::

    text  := item { (blanks | ",") item }          "#" begins a comment
    item  := [number "x"] (layer | group | "from:" name) { "x" number }
    group := ["add" | "cat"] "(" text { "|" text } ")" ["@" name]

``3xconv3`` repeats, for ``conv3x3`` is a kernel of 3 rows and 3 columns; a word ``x3`` repeats
the item before it. Branches, with ``|`` between, begin at one place and are added where they meet,
or put behind one another by ``cat``; an empty one hands its input on. ``from:name`` goes on from
an earlier layer ``@name``. Layers are described in `dilcli.core.receptive.words`; the descriptions
of the Fomoro calculator, ``3,1,1,SAME;2,2,1,VALID``, are read as well.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dilcli.core.receptive.network import MAX_DEPTH, MAX_NODES, TOO_DEEP, TOO_MANY, Branch
from dilcli.core.receptive.reading import Reading, quoted, repeated, restart
from dilcli.core.receptive.values import read_name, read_number, refuse
from dilcli.core.receptive.words import read_layer
from dilcli.core.receptive.writing import items_text, layer_text, short_text
from dilcli.errors import LayerError

if TYPE_CHECKING:
    from dilcli.core.receptive.layers import PaddingRule
    from dilcli.core.receptive.network import Item
    from dilcli.core.receptive.reading import Piece

__all__ = ["items_text", "layer_text", "parse_items", "read_text", "short_text"]

_NOTHING = re.compile(r"[\s,]*(?:#[^\n]*[\s,]*)*")
_TIMES = re.compile(r"[xX]([0-9]+)(?![^\s,;|)#])")
_COUNT = re.compile(r"([0-9]+)([xX]?)[ \t]*")
_GROUP = re.compile(r"(?:(add|cat|concat)[ \t]*)?\(")
_FOMORO_BEGINS = tuple("0123456789#h")


def parse_items(
    text: str, *, padding: PaddingRule | None = None, holes: bool = False
) -> tuple[Item, ...]:
    """Read layers from text.

    Parameters
    ----------
    text : str
        See the grammar above; one or more lines.
    padding : {"half", "valid", "same", "causal"}, optional
        Of convolutions that give none; default ``half``.
    holes : bool
        Dilations in the text count the gaps between taps: 0 is dense.

    Returns
    -------
    tuple of Layer, Branch or From

    Raises
    ------
    LayerError
        One line that begins with the column, and with the line if there are several.

    Examples
    --------
    >>> items_text(parse_items("2xconv3 conv:k=3,d=2 # a comment"))
    'conv3 conv3 conv3d2'
    """
    return read_text(text, Reading(padding, holes))[0]


def read_text(text: str, reading: Reading, depth: int = 0) -> Piece:
    """Read layers from text that is a part of a larger description.

    Parameters
    ----------
    text : str
    reading : Reading
        What holds for the description; learns names and notes.
    depth : int
        How many branches are open around it.
    """
    if text.lstrip()[:1] in _FOMORO_BEGINS:
        from dilcli.core.receptive.fomoro import fomoro_start, read_fomoro

        begin = fomoro_start(text)
        if begin is not None:
            layers = read_fomoro(text, begin, reading)
            return layers, len(layers)
    parser = _Parser(text, reading, depth)
    piece = parser.stack()
    if parser.at < len(text):
        if text[parser.at] == ")":
            refuse(text, parser.at, "this ) closes no (")
        refuse(text, parser.at, "| stands between branches, inside ( ): write (conv3 | conv3d2)")
    return piece


class _Parser:
    """A text and how far it has been read."""

    def __init__(self, text: str, reading: Reading, depth: int) -> None:
        self.text = text
        self.reading = reading
        self.depth = depth
        self.at = 0

    def stack(self) -> Piece:
        """Read items up to the end, or to the ``|`` or ``)`` that is not theirs."""
        pieces: list[Piece] = []
        places = 0
        while self.skip_to_item():
            begin = self.at
            if times := self.take(_TIMES):
                if not pieces:
                    refuse(self.text, begin, f"count without a layer before {quoted(times[0])}")
                last = pieces.pop()
                places -= last[1]
                piece = self.repeat(last, times, begin)
            else:
                piece = self.item()
            pieces.append(piece)
            places += piece[1]
            if places > MAX_NODES:
                refuse(self.text, begin, TOO_MANY)
        return tuple(item for items, _ in pieces for item in items), places

    def item(self) -> Piece:
        begin = self.at
        count = self.take(_COUNT)
        if count is None:
            return self.bare_item()
        after = self.text[self.at : self.at + 1]
        if not count[2] or not (after.isalpha() or after == "("):
            refuse(self.text, begin, f"count without a layer: {quoted(count[0])}; write 3xconv3")
        return self.repeat(self.bare_item(), count, begin)

    def bare_item(self) -> Piece:
        begin = self.at
        if group := self.take(_GROUP):
            return self.group(begin, "add" if group[1] in (None, "add") else "concat")
        if self.text.startswith("from:", begin):
            name, self.at = read_name(self.text, begin + len("from:"))
            try:
                return (restart(self.reading, name),), 1
            except LayerError as error:
                refuse(self.text, begin, str(error))
        layer, self.at = read_layer(self.text, self.at, self.reading)
        return (layer,), 1

    def group(self, begin: int, merge: str) -> Piece:
        """Read branches whose ``(`` has been read."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            refuse(self.text, begin, TOO_DEEP)
        branches = [self.stack()]
        while self.text.startswith("|", self.at):
            self.at += 1
            branches.append(self.stack())
        if self.at == len(self.text):
            refuse(self.text, begin, "this ( is never closed; a ) is missing")
        self.at += 1
        self.depth -= 1
        name = ""
        if self.text.startswith("@", self.at):
            name, self.at = read_name(self.text, self.at + 1)
            self.reading.names[name] = None
        places = 1 + sum(places for _, places in branches)
        return (Branch(tuple(items for items, _ in branches), merge, name),), places

    def repeat(self, piece: Piece, count: re.Match[str], begin: int) -> Piece:
        number = read_number(self.text, begin, count[1])
        try:
            return repeated(piece, number)
        except LayerError as error:
            refuse(self.text, begin, str(error))

    def skip_to_item(self) -> bool:
        self.take(_NOTHING)
        return self.at < len(self.text) and self.text[self.at] not in "|)"

    def take(self, form: re.Pattern[str]) -> re.Match[str] | None:
        match = form.match(self.text, self.at)
        if match is not None:
            self.at = match.end()
        return match
