"""What is said of planes names their files and proves that they give the picture back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dilcli.cli.planes_report import NOTHING_MADE, planes_record, proof, shown_names
from dilcli.core.kernels import parse_kernel
from dilcli.features.starlet_decompose import Decomposition, decompose
from dilcli.features.starlet_targets import Naming
from dilcli.features.starlet_transform import Transform


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("a.npy", np.random.default_rng(0).integers(0, 256, (9, 8), np.uint8))


def _made(generation: int = 1, **naming: object) -> Decomposition:
    transform = Transform(2, parse_kernel("b3"), generation=generation)
    return decompose(Path("a.npy"), "a.npy", transform, Naming(**naming))  # type: ignore[arg-type]


def test_the_first_and_the_last_plane_are_named_and_a_stack_alone() -> None:
    assert shown_names(_made()) == "a_w1.tif ... a_c2.tif"
    assert shown_names(_made(stack=True)) == "a_planes.tif"


def test_the_proof_says_how_the_picture_comes_back() -> None:
    assert proof(_made()) == "planes sum to the input: max |diff| 0"
    two = _made(generation=2, overwrite=True)
    assert proof(two) == "planes rebuild the input: max |diff| 0"
    assert proof(two._replace(difference=None)).endswith("max |diff| not finite")


def test_the_record_is_plain_and_complete() -> None:
    record = planes_record(_made(montage=Path("sheet.png")))
    assert json.loads(json.dumps(record)) == record
    assert (record["montage"], record["sidecar"]) == ("sheet.png", "a_c2.tif.json")
    assert [level["plane"] for level in record["levels"]] == ["w1", "w2", "c2"]
    assert record["max_abs_diff"] == 0
    assert list(NOTHING_MADE) == list(record)
    assert set(NOTHING_MADE.values()) == {None}
