"""Sums of whole numbers in narrow integers, where they are the very sums that reals would give.

Additions of 16-bit integers take half the time of those of float32. They are made modulo 2**16, so
the last sum alone must fit. Where it does for all samples there can be, the sums of reals are exact
too, in whatever order: float32 holds every whole number up to 2**24.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dilcli.core.colour import full_scale
from dilcli.core.cutting import patches
from dilcli.core.kernel_rank import factor
from dilcli.core.respond import respond
from dilcli.core.stencil import Sums, cost_of, grouped, methods_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.core.plan import Plan
    from dilcli.core.samples import Fit
    from dilcli.core.stencil import Method, Stencil, Term
    from dilcli.core.strips import Field, Patch
    from dilcli.core.threads import Scratch

    Groups = tuple[tuple[Term, ...], ...]

__all__ = ["IntegerSums", "in_integers", "integer_sums"]

#: Types of sums. Wider ones gain nothing.
TYPES = np.dtype(np.int16), np.dtype(np.uint16)

#: What adding or multiplying samples of 16 bits costs, as `dilcli.core.stencil.COSTS`.
PASS = 0.13


@dataclass(frozen=True, slots=True, eq=False)
class IntegerSums:
    """A field and a stencil in whole numbers.

    Attributes
    ----------
    field, stencil
        What is filtered, with what: the taps of a stencil of reals, times ``2**shift``.
    shift : int
        Binary digits of a response after the point.
    """

    field: Field
    stencil: Stencil
    shift: int

    def sums(self, patch: Patch, scratch: Scratch) -> NDArray[Any]:
        """Compute the responses of a patch times ``2**shift``; see `dilcli.core.respond`."""
        return respond(self.field, self.stencil, patch, scratch)

    def responses(self, patch: Patch, scratch: Scratch) -> NDArray[np.floating]:
        """Compute the responses of a patch as reals."""
        sums = self.sums(patch, scratch)
        reals = scratch.array("reals", sums.shape, np.dtype(np.float32))
        reals[...] = sums
        return np.multiply(reals, 2.0**-self.shift, out=reals) if self.shift else reals

    def patches(self, stride: tuple[int, int], rows: tuple[int, int]) -> tuple[Patch, ...]:
        """Cut output rows ``[first, last)`` into patches; see `dilcli.core.cutting`."""
        return tuple(patches(self.field, self.stencil, stride, rows))

    def make_samples(self, patch: Patch, scratch: Scratch, fit: Fit, out: NDArray[Any]) -> int:
        """Make samples of the responses of a patch, as `dilcli.core.samples.to_samples` does.

        Parameters
        ----------
        patch : Patch
            Which outputs.
        scratch : Scratch
            Memory of this thread.
        fit : Fit
            How; a plain one.
        out : ndarray of shape (phases, rows, columns, channels), of the type of `fit`
            Where the samples go.

        Returns
        -------
        int
            How many samples were outside the range and were clipped.
        """
        sums, shift = self.sums(patch, scratch), self.shift
        spare = scratch.array("group", sums.shape, sums.dtype)
        if fit.absolute:
            np.abs(sums, out=sums)
        if shift:
            # Half to even: a half is added to an odd number, and a unit less to an even one.
            np.right_shift(sums, shift, out=spare)
            np.bitwise_and(spare, 1, out=spare)
            np.add(sums, spare, out=sums)
            np.add(sums, (1 << shift - 1) - 1, out=sums)
            np.right_shift(sums, shift, out=sums)
        if fit.bounded:
            np.copyto(out, sums, casting="unsafe")
            return 0
        limits = np.iinfo(sums.dtype)
        low, high = max(int(fit.low), limits.min), min(int(fit.high), limits.max)
        np.clip(sums, low, high, out=spare)
        np.copyto(out, spare, casting="unsafe")
        apart = scratch.array("apart", sums.shape, np.dtype(np.bool))
        return int(np.count_nonzero(np.not_equal(sums, spare, out=apart)))


def in_integers(plan: Plan, field: Field) -> IntegerSums | None:
    """Lay out the sums of a frame in whole numbers, where its samples are what is filtered.

    Parameters
    ----------
    plan : Plan
        Of the frame.
    field : Field
        Its samples.

    Returns
    -------
    IntegerSums or None
        None where reals have to be summed, or are summed faster. This follows from the plan
        alone, so it is the same for all rows of a frame.
    """
    recipe, source = plan.recipe, plan.source
    mixed = recipe.linear or plan.alpha == "premultiply"
    mixed |= recipe.luma and plan.shape[2] - plan.has_alpha > 1
    if mixed or len(plan.stencils) > 1 or recipe.combine == "rms" or source.kind not in "bui":
        return None
    high = full_scale(source)
    return integer_sums(field, plan.stencils[0], (-high - 1 if source.kind == "i" else 0.0, high))


def integer_sums(field: Field, stencil: Stencil, span: tuple[float, float]) -> IntegerSums | None:
    """Turn sums of reals into sums of whole numbers, where this is exact and faster.

    Parameters
    ----------
    field, stencil
        What is filtered, with what. All samples of the field are whole numbers.
    span : (float, float)
        The smallest and the largest sample there can be inside the picture.

    Returns
    -------
    IntegerSums or None
    """
    outside = field.fill if field.boundary == "constant" else np.zeros_like(field.fill)
    if stencil.dtype != np.float32 or stencil.method == "fourier":
        return None
    if not np.isfinite(outside).all() or not np.array_equal(outside, np.rint(outside)):
        return None
    low, high = min(span[0], float(outside.min())), max(span[1], float(outside.max()))
    found = _whole_weights(stencil)
    if found is None:
        return None
    weights, shift = found
    plus, minus = weights.clip(0).sum(), -weights.clip(None, 0).sum()
    half = (1 << shift) // 2  # that rounding adds
    dtype = _narrowest(plus * low - minus * high, plus * high - minus * low + half)
    method, products, groups, vertical = _fewest_passes(weights)
    passes = sum(map(_passes, (groups, *vertical)))
    reals = cost_of(Sums(stencil.products, stencil.groups), stencil.dtype)
    if dtype is None or passes * PASS >= reals:
        return None
    whole = replace(
        stencil,
        method=method,
        dtype=dtype,
        weights=weights.astype(dtype),
        products=None if products is None else products.astype(dtype),
        groups=groups,
        vertical=vertical,
    )
    return IntegerSums(replace(field, fill=outside.astype(dtype), samples=None), whole, shift)


def _whole_weights(stencil: Stencil) -> tuple[NDArray[np.float64], int] | None:
    """Give the weights that a stencil amounts to, times a power of two, as whole numbers."""
    # The weights as sums of reals use them.
    terms = [(i, j, float(np.float32(w))) for group in stencil.groups for i, j, w in group]
    rows = np.eye(stencil.rows) if stencil.products is None else stencil.products.astype(float)
    shift, digits = _digits(np.array([weight for _, _, weight in terms])), _digits(rows)
    if shift is None or digits is None:
        return None
    weights = np.zeros(stencil.weights.shape)
    for i, j, weight in terms:
        weights[:, j] += weight * 2.0**shift * rows[i] * 2.0**digits
    return weights, shift + digits


def _digits(weights: NDArray[np.float64]) -> int | None:
    """Count the binary digits of weights after the point; None if there are more than 24."""
    for digits in range(25):
        scaled = weights * 2.0**digits
        if np.array_equal(scaled, np.rint(scaled)):
            return digits
    return None


def _fewest_passes(
    weights: NDArray[np.float64],
) -> tuple[Method, NDArray[np.float64] | None, Groups, tuple[Groups, ...]]:
    """Give the method with the fewest passes over samples: products, groups, vertical sums."""
    factors = factor(tuple(map(tuple, weights.tolist())))
    split = factors and (np.array(factors[0]), np.array(factors[1]))
    ways = []
    for method, (products, groups) in methods_for(weights, split).items():
        rows = [] if products is None else products.tolist()
        vertical = tuple(_integral([(i, 0, w) for i, w in enumerate(row) if w]) for row in rows)
        shifted = _integral([term for group in groups for term in group])
        ways.append((method, products, shifted, vertical))
    return min(ways, key=lambda way: sum(map(_passes, (way[2], *way[3]))))


def _integral(terms: list[Term]) -> Groups:
    """Group terms, with weights that stay integers when integers are multiplied by them."""
    return grouped((i, j, int(weight)) for i, j, weight in terms)


def _narrowest(low: float, high: float) -> np.dtype[Any] | None:
    """Choose the narrowest type that holds a range, and its mirror image if it has a sign."""
    for dtype in TYPES:
        limits = np.iinfo(dtype)
        if limits.min <= low and max(high, -low if limits.min else 0) <= limits.max:
            return dtype
    return None


def _passes(groups: Groups) -> int:
    """Count the additions and multiplications of arrays."""
    return sum(len(group) + (group[0][2] != 1) for group in groups) - 1
