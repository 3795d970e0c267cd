"""``dilcli atrous info`` from the words of the command line to its table and its JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.cli.running import dilcli
from tests.starlet_cases import atrous

if TYPE_CHECKING:
    from pathlib import Path


def refused(*words: object) -> str:
    done = dilcli("atrous", "info", *words)
    assert (done.code, done.out) == (2, b""), done.err
    usage, hint, blank, message = done.err.splitlines()
    assert (usage[:6], hint[:4], blank) == ("Usage:", "Try ", "")
    return message


def test_the_table_of_b3_is_that_of_the_literature_and_fits_a_terminal() -> None:
    text = dilcli("atrous", "info").out.decode()
    assert text.splitlines() == [
        "b3: 5 taps, generation 1",
        "level     support  reach  noise weight",
        "────────  ───────  ─────  ────────────",
        "1               5      2     0.8907963",
        "2              13      4     0.2006639",
        "3              29      8     0.0855075",
        "4              61     16    0.04121744",
        "residual       61     16    0.03001472",
    ]


def test_the_deepest_table_fits_a_terminal_and_its_json_is_exact() -> None:
    done = dilcli("atrous", "info", "-J", 1024, "-k", "linear")
    assert done.code == 0
    assert max(map(len, done.out.decode().splitlines())) <= 80
    (record,) = dilcli("atrous", "info", "-J", 1024, "-k", "linear", "--json").records
    assert record["residual"]["reach"] == 2**1023
    assert record["levels"][-1]["support"] == 2**1025 - 1


WEIGHTS = atrous()["noise_weights"]


@pytest.mark.parametrize("family", [name for name in WEIGHTS if "1d" not in name.lower()])
def test_the_noise_weights_are_those_of_the_reference(family: str) -> None:
    given = WEIGHTS[family]
    kernel = "linear" if "linear" in family else "b3"
    generation = 2 if "gen2" in family else 1
    values = given["sigma_detail"]
    words = ("-J", len(values), "--kernel", kernel, "--generation", generation, "--json")
    (record,) = dilcli("atrous", "info", *words).records
    found = [level["noise_weight"] for level in record["levels"]]
    np.testing.assert_allclose(found, values, rtol=0, atol=1e-9)
    assert [level["level"] for level in record["levels"]] == list(range(1, len(values) + 1))
    assert (record["kernel"], record["generation"]) == (kernel, generation)


def test_a_kernel_may_be_weights_a_file_or_a_product_of_an_axis_with_itself(tmp_path: Path) -> None:
    path = tmp_path / "table.npy"
    np.save(path, np.outer([0.25, 0.5, 0.25], [0.25, 0.5, 0.25]))
    records = [
        dilcli("atrous", "info", "-k", kernel, "--json").records[0]
        for kernel in ("linear", "1 2 1 / 4", "1 2 1; 2 4 2; 1 2 1 / 16", f"@{path}")
    ]
    assert [record.pop("kernel") for record in records] == ["linear", "custom", "custom", "table"]
    assert all(record == records[0] for record in records)
    assert records[0]["taps"] == [0.25, 0.5, 0.25]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-k", "sobel-x"), "sums to 0; want 1"),
        (("-k", "1 2 3 / 6"), "is not symmetric"),
        (("-k", "1 1 / 2"), "has 2 taps"),
        (("-k", "1"), "single weight"),
        (("-k", "0 1 0; 1 0 1; 0 1 0 / 4"), "rank above 1"),
        (("-k", "@none.txt"), "No such file"),
        (("-k", "b33"), "b3"),
        (("-J", "0"), "not in the range"),
        (("-J", "many"), "not a valid integer"),
        (("--generation", "3"), "'3' is not one of"),
    ],
)
def test_what_has_no_meaning_is_refused_in_one_line(words: tuple[str, ...], said: str) -> None:
    assert said in refused(*words)


def test_the_json_is_one_object() -> None:
    record = json.loads(dilcli("atrous", "info", "-J", 1, "--json").out)
    assert set(record) == {"kernel", "taps", "generation", "levels", "residual"}
    assert set(record["levels"][0]) == {"level", "noise_weight", "support", "reach"}
    assert set(record["residual"]) == {"noise_weight", "support", "reach"}
