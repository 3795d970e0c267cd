"""What an earlier run made is left out, and what is named never is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.kernels import parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.errors import ArgumentError
from dilcli.features.earlier_outputs import without_outputs
from dilcli.features.outputs import Source, Writing, name_outputs

PLAIN = Writing()
ONE = [Recipe(parse_kernel("box"))]


def _kept(found: list[str], named: list[str] | None = None, writing: Writing = PLAIN) -> list[str]:
    sources = [*map(Source, named or []), *(Source(name, found=True) for name in found)]
    return [source.name for source in without_outputs(sources, name_outputs(sources, ONE, writing))]


def test_what_an_earlier_run_made_is_no_input_and_nor_is_what_was_made_of_that() -> None:
    chain = ["a.png", "a_box_d1.png", "a_box_d1_box_d1.png"]
    assert _kept(chain) == _kept(chain[::-1]) == ["a.png"]
    assert _kept(chain[1:]) == ["a_box_d1.png"]
    assert _kept(["b.png", *chain, "c.tif"]) == ["b.png", "a.png", "c.tif"]
    assert _kept(["in/a.png", "a_box_d1.png", "in/a_box_d2.png"]) == [
        *("in/a.png", "a_box_d1.png", "in/a_box_d2.png")
    ]


def test_what_is_named_is_an_input_whatever_it_is() -> None:
    assert _kept([], ["a.png", "a_box_d1.png"]) == ["a.png", "a_box_d1.png"]
    assert _kept(["a_box_d1.png"], ["a.png"]) == ["a.png"]
    assert _kept(["a.png", "a_box_d1_box_d1.png"], ["a_box_d1.png"]) == ["a_box_d1.png", "a.png"]


def test_what_failed_in_a_folder_is_not_left_out() -> None:
    sources = [Source("a_box_d1.png", error="cannot list", found=True), Source("a.png", found=True)]
    assert without_outputs(sources, name_outputs(sources, ONE, PLAIN)) == sources


def test_outputs_are_told_by_template_and_folder() -> None:
    out = Writing(template="{stem}_e.tif", folder=Path("out"))
    names = ["a.png", "out/a_e.tif", "a_e.tif", "out/sub/a_e.tif"]
    assert _kept(names, writing=out) == ["a.png", "a_e.tif", "out/sub/a_e.tif"]
    names = [*names, "./-"]
    assert _kept(names, writing=Writing(template="-", format="png")) == names
    for found in (names, []):
        with pytest.raises(ArgumentError, match="no format is known"):
            _kept(found, writing=Writing(template="x.nothing"))


def test_an_input_that_is_its_own_output_stays_and_so_does_one_of_a_circle() -> None:
    assert _kept(["a.png"], writing=Writing(template="{name}", overwrite=True)) == ["a.png"]
    swap = Writing(template="{index}.png", overwrite=True)
    assert _kept(["1.png", "0.png"], writing=swap) == ["1.png"]
    assert _kept(["./1.png", "0.png", "2.png"], writing=swap) == ["./1.png", "2.png"]


@given(st.sets(st.text("ab", min_size=1, max_size=3)), st.integers(0, 3))
def test_leaving_outputs_out_is_settled_after_one_time(stems: set[str], depth: int) -> None:
    names = [
        f"{stem}{'_box_d1' * level}.png" for stem in sorted(stems) for level in range(depth + 1)
    ]
    kept = _kept(names)
    assert kept == [f"{stem}.png" for stem in sorted(stems)]
    assert _kept(kept) == kept
