"""Context modules, pyramids, causal stacks and gridding: the numbers of their papers."""

from __future__ import annotations

from fractions import Fraction

import pytest

from dilcli.core.receptive.presets import preset
from tests.preset_numbers import seen


def test_the_context_module_grows_as_in_table_1() -> None:
    sizes = [row.field.rf for row in seen(preset("yu-koltun-context")).rows]
    assert sizes == [(n, n) for n in (3, 5, 9, 17, 33, 65, 67, 67)]


def test_the_front_end_gives_66_outputs_for_900_pixels_and_loses_its_label_margin() -> None:
    summary = seen(preset("yu-koltun-frontend"), 900).summary
    assert summary.output_size == (66, 66)
    # label_margin of fyu/dilation predict.py, on both sides.
    assert summary.rf == (2 * 186 + 8,) * 2


def test_the_released_context_gives_as_many_outputs_as_it_takes() -> None:
    assert seen(preset("yu-koltun"), 900).summary.output_size == (66, 66)


@pytest.mark.parametrize(
    ("name", "coverage", "lattice"),
    [
        ("aspp-s", Fraction(33, 625), 2),
        ("aspp-l", Fraction(33, 2401), 6),
        ("hdc", Fraction(1), 1),
        ("gridding-222", Fraction(49, 169), 2),
        ("gridding-248", Fraction(225, 841), 2),
        ("yu-koltun-context", Fraction(1), 1),
        ("yu-koltun-frontend", Fraction(1), 1),
        ("yu-koltun", Fraction(1), 1),
        ("tcn", Fraction(1), 1),
        ("wavenet-3", Fraction(1), 1),
    ],
)
def test_holes_are_where_the_papers_see_them(name: str, coverage: Fraction, lattice: int) -> None:
    summary = seen(preset(name)).summary
    assert summary.coverage == coverage
    assert set(summary.lattice) == {lattice}


def test_causal_stacks_see_nothing_of_the_future() -> None:
    for name in ("wavenet", "wavenet-3", "tcn"):
        summary = seen(preset(name), 5000).summary
        assert summary.rf is not None
        assert summary.effective_padding == (summary.rf[0] - 1,)
        assert summary.output_size == (5000,)


def test_a_block_of_wavenet_adds_1023_each_time() -> None:
    fields = {row.node.name: row.field for row in seen(preset("wavenet-3")).rows}
    assert [fields[f"block{n}"].rf for n in (1, 2, 3)] == [(1024,), (2047,), (3070,)]


def test_each_level_of_a_tcn_adds_two_convolutions() -> None:
    fields = {row.node.name: row.field for row in seen(preset("tcn")).rows}
    for level in range(1, 7):
        rates = sum(2**power for power in range(level))
        assert fields[f"level{level}"].rf == (1 + 2 * (3 - 1) * rates,)
