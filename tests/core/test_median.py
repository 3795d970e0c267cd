"""The median asked for digit by digit is NumPy's, whatever the samples are cut into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dilcli.core.median import Digits, counts_of, median_magnitudes

if TYPE_CHECKING:
    from numpy.typing import NDArray


@given(
    arrays(
        np.float64,
        st.tuples(st.integers(1, 60), st.integers(1, 3)),
        elements=st.one_of(
            st.floats(allow_nan=False), st.sampled_from([0.0, -0.0, 1.0, 1 + 2**-52, 5e-324])
        ),
    ),
    st.integers(1, 5),
)
def test_the_median_of_pieces_is_that_of_the_whole(samples: NDArray[np.float64], cut: int) -> None:
    pieces = [piece for piece in np.array_split(samples, cut) if piece.size]
    rounds: list[Digits] = []

    def ask(asked: Digits) -> list[object]:
        rounds.append(asked)
        return [counts_of(piece, asked) for piece in pieces]

    with np.errstate(over="ignore"):
        found = median_magnitudes(len(samples), samples.shape[1], ask)  # type: ignore[arg-type]
        assert found == tuple(np.median(np.abs(samples), axis=0))
    assert len(rounds) == 3
