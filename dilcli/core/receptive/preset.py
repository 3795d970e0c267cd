"""One published network: its name, its layers as text, and where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Preset"]


class Preset(NamedTuple):
    """A network that has a name.

    Attributes
    ----------
    name : str
    layers : str or callable
        Its layers as text, or what builds the text: hundreds of layers are written only when
        they are asked for.
    summary : str
        What it is, in one line of ASCII.
    source : str
        The paper, and the files that the layers were read from.
    notes : tuple of str
        What a reader of the numbers must know, one sentence or two each.
    axes : int
    aliases : tuple of str
        Other names.
    """

    name: str
    layers: str | Callable[[], str]
    summary: str
    source: str
    notes: tuple[str, ...] = ()
    axes: int = 2
    aliases: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The layers, in the grammar of `parse_items`."""
        return self.layers if isinstance(self.layers, str) else self.layers()
