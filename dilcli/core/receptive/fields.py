"""Receptive fields of a network, node by node, in exact arithmetic.

The formulas are those of Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional
Neural Networks", Distill 2019 (doi 10.23915/distill.00021), with dilation, negative padding,
branches and upsampling; `start` is the word of Dang Ha The Hien's guide (2017).
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from dilcli.core.receptive.holes import coverage, gap, lattice
from dilcli.core.receptive.network import PICTURE, Merge, Network, Node
from dilcli.core.receptive.states import State, apply_layer, meet, picture
from dilcli.core.receptive.warnings import node_name, warnings
from dilcli.errors import ArgumentError, LayerError

if TYPE_CHECKING:
    from dilcli.core.receptive.axis import Axis, Number

__all__ = ["TCONV_RULES", "Field", "ReceptiveField", "Row", "receptive_field"]

#: Numbers with more digits are typing errors, and neither texts nor floats hold them.
_MOST_DIGITS = 100

#: ``exact`` looks at phases; ``paper`` adds (kernel - 1) times the stride of the output.
TCONV_RULES = ("exact", "paper")


class Field(NamedTuple):
    """What one output of a node sees of the network's input; rows first.

    Attributes
    ----------
    rf : tuple of int, optional
        The receptive field: pixels from the first to the last, the largest over phases. None
        where the whole input is seen.
    rf_by_phase : tuple of tuple of int, optional
        After upsampling, the different sizes on each axis.
    whole_input : bool
    effective_stride : tuple of int
        Pixels from one output to the next (the jump); a Fraction after upsampling, None where
        only the whole input is seen.
    effective_padding : tuple of int
        Output ``u`` sees ``u * effective_stride - effective_padding`` and the ``rf - 1`` pixels
        after it. None where it is unknown, or boxes do not follow this law.
    start : tuple of Fraction
        Centre of output 0, the first pixel's centre being 0.5; None as above.
    aligned : bool, optional
        False where branches with different centres met, None where padding is unknown. After
        upsampling centres are compared on average over the phases.
    coverage : Fraction, optional
        Share of the box that is seen, over all axes, in the worst phase. None where boxes are too
        wide, or are no whole pixels.
    gap : tuple of int
        Largest distance between neighbouring pixels seen along an axis; 1 is no hole.
    lattice : tuple of int
        Greatest common divisor of the distances between pixels seen along an axis; above 1 the
        outputs fall into grids that share no pixel.
    output_size : tuple of int, optional
    """

    rf: tuple[Number, ...] | None
    rf_by_phase: tuple[tuple[Number, ...], ...] | None
    whole_input: bool
    effective_stride: tuple[Number | None, ...]
    effective_padding: tuple[Number | None, ...]
    start: tuple[Fraction | None, ...]
    aligned: bool | None
    coverage: Fraction | None
    gap: tuple[int | None, ...]
    lattice: tuple[int | None, ...]
    output_size: tuple[int, ...] | None


class Row(NamedTuple):
    """A node with its number, from 1, and what its outputs see."""

    number: int
    node: Node
    field: Field


class ReceptiveField(NamedTuple):
    """The receptive fields of a network.

    Attributes
    ----------
    network : Network
    input_size : tuple of int, optional
    tconv_rule : str
        One of `TCONV_RULES`.
    rows : tuple of Row
        One for each node.
    summary : Field
        Of the node asked for.
    at : int
        The index of that node, or `PICTURE` in an empty network.
    states : tuple of State
        For each node, and last for the input, so that `PICTURE` is an index too.
    warnings : tuple of str
    """

    network: Network
    input_size: tuple[int, ...] | None
    tconv_rule: str
    rows: tuple[Row, ...]
    summary: Field
    at: int
    states: tuple[State, ...]
    warnings: tuple[str, ...]


def receptive_field(
    network: Network,
    *,
    input_size: tuple[int, ...] | None = None,
    strict: bool = False,
    tconv_rule: str = "exact",
    at: int | None = None,
) -> ReceptiveField:
    """Calculate what the outputs of each node see.

    Parameters
    ----------
    network : Network
    input_size : tuple of int, optional
        Pixels along each axis, rows first.
    strict : bool
        Refuse branches whose centres differ.
    tconv_rule : {"exact", "paper"}
        See `TCONV_RULES`.
    at : int, optional
        Index of the node to sum up. Default: the network's output.

    Raises
    ------
    LayerError
        If strides or sizes of branches differ, a layer has no output, or, under `strict`,
        branches are misaligned.
    ArgumentError
        If a setting has no meaning.
    """
    _check_settings(network, input_size, tconv_rule)
    states: list[State] = []
    begin = picture(network.axes, input_size)
    for index, node in enumerate(network.nodes):
        inputs = [begin if i == PICTURE else states[i] for i in node.inputs]
        try:
            if isinstance(node.layer, Merge):
                state = meet(inputs, index)
                _refuse_misaligned(state, inputs, strict)
            else:
                state = apply_layer(inputs[0], node.layer, index, tconv_rule == "paper")
            _refuse_endless(state)
        except LayerError as error:
            raise LayerError(f"{node_name(network, index)}: {error}") from None
        states.append(state)
    at = network.output if at is None else at
    rows = tuple(
        Row(number, node, _field(state, network.axes))
        for number, (node, state) in enumerate(zip(network.nodes, states, strict=True), 1)
    )
    summary = _field(begin, network.axes) if at == PICTURE else rows[at].field
    result = ReceptiveField(
        network, input_size, tconv_rule, rows, summary, at, (*states, begin), ()
    )
    return result._replace(warnings=warnings(result))


def _check_settings(network: Network, size: tuple[int, ...] | None, rule: str) -> None:
    if rule not in TCONV_RULES:
        raise ArgumentError(f"unknown tconv_rule {rule!r} (choices: {', '.join(TCONV_RULES)})")
    if size is not None and (len(size) != network.axes or min(size) < 1):
        raise ArgumentError(
            f"input size {'x'.join(map(str, size))} must be {network.axes} numbers of at least 1"
        )


def _refuse_misaligned(state: State, inputs: list[State], strict: bool) -> None:
    if strict and state.misaligned:
        centres = [
            ",".join(f"{float(a.sights[0].first + a.sights[0].last) / 2:g}" for a in s.axes)
            for s in inputs
            if s.axes
        ]
        raise LayerError(
            f"misaligned: the branches' centres differ ({' and '.join(dict.fromkeys(centres))})"
        )


def _refuse_endless(state: State) -> None:
    limit = 10**_MOST_DIGITS
    for axis in state.axes:
        for number in (axis.stride, *(sight.width for sight in axis.sights)):
            if max(number.numerator, number.denominator) >= limit:
                raise LayerError(
                    f"its receptive field or stride has more than {_MOST_DIGITS} digits"
                )


def _field(state: State, axes: int) -> Field:
    if not state.axes:
        nothing = (None,) * axes
        return Field(
            None, None, True, nothing, nothing, nothing, _aligned(state), None, nothing, nothing,
            state.size,
        )  # fmt: skip
    sizes = tuple(tuple(sorted({sight.width for sight in axis.sights})) for axis in state.axes)
    phased = any(len(axis.sights) > 1 for axis in state.axes)
    paddings = tuple(map(_padding, state.axes, state.unknown))
    return Field(
        rf=None if state.whole else tuple(widths[-1] for widths in sizes),
        rf_by_phase=sizes if phased and not state.whole else None,
        whole_input=state.whole,
        effective_stride=tuple(axis.stride for axis in state.axes),
        effective_padding=paddings,
        start=tuple(
            None if padding is None else Fraction(widths[-1]) / 2 - padding
            for padding, widths in zip(paddings, sizes, strict=True)
        ),
        aligned=_aligned(state),
        coverage=None if state.whole else coverage(state),
        gap=tuple(None if state.whole else gap(axis) for axis in state.axes),
        lattice=tuple(None if state.whole else lattice(axis) for axis in state.axes),
        output_size=state.size,
    )


def _aligned(state: State) -> bool | None:
    if state.misaligned:
        return False
    return None if any(state.unknown) else True


def _padding(axis: Axis, unknown: frozenset[int]) -> Number | None:
    """Find the effective padding, if all phases follow one law."""
    first = axis.sights[0]
    lawful = all(
        sight.first - first.first == phase * axis.stride and sight.width == first.width
        for phase, sight in enumerate(axis.sights)
    )
    return None if unknown or not lawful else -first.first
