"""Everything that is asked about the receptive fields of one network, calculated."""

from __future__ import annotations

from difflib import get_close_matches
from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

from dilcli.core.receptive.fields import receptive_field
from dilcli.core.receptive.network import PICTURE, Merge, Network
from dilcli.core.receptive.rates import hdc_m2, hole_free_steps, steps
from dilcli.errors import ArgumentError, LayerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.core.receptive.cost import Costs
    from dilcli.core.receptive.effective import Effective
    from dilcli.core.receptive.fields import Field, ReceptiveField
    from dilcli.core.receptive.lookup import Cell, Pixel
    from dilcli.features.layer_spec import Description

__all__ = ["FieldReport", "field_report", "for_all_axes", "node_index"]


class FieldReport(NamedTuple):
    """What was asked about a network, and the answers.

    Attributes
    ----------
    name : str
        Of the network; may be empty.
    result : ReceptiveField
    costs : Costs, optional
        None where no channels are known.
    spread : tuple of (tuple of Fraction or None), optional
        Variance of the effective receptive field on each axis, for each node.
    effective : Effective, optional
        Of the node that is summed up.
    cell, pixel : (position, answer), optional
    notes : tuple of str
        What the description has to say; `result` has warnings of its own.
    """

    name: str
    result: ReceptiveField
    costs: Costs | None = None
    spread: tuple[tuple[Fraction, ...] | None, ...] | None = None
    effective: Effective | None = None
    cell: tuple[tuple[int, ...], Cell] | None = None
    pixel: tuple[tuple[int, ...], Pixel] | None = None
    notes: tuple[str, ...] = ()

    @property
    def hole_free(self) -> bool | None:
        """Whether the node that is summed up sees every pixel of its box."""
        result = self.result
        if result.summary.coverage is not None:
            return result.summary.coverage == 1
        ways = [steps(result.network, result.at, axis) for axis in range(result.network.axes)]
        if result.summary.whole_input or None in ways:
            return None
        return all(hole_free_steps(way) for way in ways if way is not None)

    @property
    def hdc_m2(self) -> tuple[int | None, ...]:
        """M2 of "hybrid dilated convolution" on each axis."""
        result = self.result
        return tuple(hdc_m2(result.network, result.at, axis) for axis in range(result.network.axes))

    @property
    def rf_fraction(self) -> tuple[Fraction | None, ...]:
        """The receptive field as a share of the input on each axis."""
        return self.rf_fraction_of(self.result.summary)

    def rf_fraction_of(self, field: Field) -> tuple[Fraction | None, ...]:
        """Take the share of the input at one node."""
        sizes = self.result.input_size
        if sizes is None:
            return (None,) * self.result.network.axes
        return tuple(Fraction(rf) / size for rf, size in zip(field.rf or sizes, sizes, strict=True))

    @property
    def sigma(self) -> tuple[float | None, ...]:
        """Standard deviation of the effective receptive field on each axis."""
        if self.result.at == PICTURE:
            return (0.0,) * self.result.network.axes
        return self.sigma_of(self.result.at)

    def sigma_of(self, index: int) -> tuple[float | None, ...]:
        """Take the standard deviation at one node."""
        found = None if self.spread is None else self.spread[index]
        if found is None:
            return (None,) * self.result.network.axes
        return tuple(sqrt(variance) for variance in found)


def field_report(
    description: Description,
    *,
    input_size: Sequence[int] | None = None,
    channels: Sequence[int] | None = None,
    at: str | None = None,
    strict: bool = False,
    tconv_rule: str = "exact",
    spread: bool = True,
    erf: bool = False,
    cell: tuple[int, ...] | None = None,
    pixel: tuple[int, ...] | None = None,
) -> FieldReport:
    """Calculate everything that is asked about a network.

    Parameters
    ----------
    description : Description
    input_size : sequence of int, optional
        One number is for all axes. Default: the description's.
    channels : sequence of int, optional
        The input's, then one for each conv and tconv. Default: the description's.
    at : str, optional
        Name or number of the layer to sum up. Default: the output.
    strict, tconv_rule
        As in `dilcli.core.receptive.receptive_field`.
    spread : bool
        Calculate the variance of the effective receptive field of each layer.
    erf : bool
        Also measure its size as Luo et al. do.
    cell, pixel : tuple of int, optional
        An output to trace to the input, and a pixel to trace to the outputs.

    Raises
    ------
    LayerError
        If layers do not fit together, there is no such layer, or numbers are endless.
    ArgumentError
        If a size, a position or channels do not fit the network.
    """
    network = description.network
    size = for_all_axes(input_size or description.input_size, network.axes)
    index = None if at is None else node_index(network, at)
    result = receptive_field(
        network, input_size=size, strict=strict, tconv_rule=tconv_rule, at=index
    )
    found = _costs(result, channels, description.channels)
    report = FieldReport(description.name, result, found, notes=description.notes)
    if spread or erf:
        from dilcli.core.receptive.effective import effective, variances

        report = report._replace(
            spread=variances(result), effective=effective(result) if erf else None
        )
    if cell is not None or pixel is not None:
        from dilcli.core.receptive import lookup as look_up

        report = report._replace(
            cell=None if cell is None else (cell, look_up.cell(result, cell)),
            pixel=None if pixel is None else (pixel, look_up.pixel(result, pixel)),
        )
    return report


def for_all_axes(size: Sequence[int] | None, axes: int) -> tuple[int, ...] | None:
    """Spread one number over all axes.

    Raises
    ------
    ArgumentError
        If there are more numbers, but not one for each axis.
    """
    if size is None:
        return None
    if len(size) not in (1, axes):
        raise ArgumentError(
            f"the input size {'x'.join(map(str, size))} is for {len(size)} axes, the network has "
            f"{axes}; see --axis"
        )
    return tuple(size) * (axes // len(size))


def node_index(network: Network, text: str) -> int:
    """Find a layer by its name, or by its number from 1.

    Raises
    ------
    LayerError
        If there is none.
    """
    names = {node.name: index for index, node in enumerate(network.nodes) if node.name}
    if text in names:
        return names[text]
    if text.isdecimal() and 1 <= int(text) <= len(network.nodes):
        return int(text) - 1
    near = get_close_matches(text, names, n=1)
    count = len(network.nodes)
    raise LayerError(
        f"there is no layer {text!r}; "
        + (f"did you mean {near[0]!r}? " if near else "")
        + (f"numbers go from 1 to {count}" if count else "the network has no layers")
    )


def _costs(
    result: ReceptiveField, given: Sequence[int] | None, described: Sequence[int] | None
) -> Costs | None:
    channels = described if given is None else given
    own = any(
        not isinstance(node.layer, Merge) and node.layer.channels is not None
        for node in result.network.nodes
    )
    if channels is None and not own:
        return None
    from dilcli.core.receptive.cost import costs

    return costs(result, channels)
