"""The record of a named network."""

from __future__ import annotations

from dilcli.core.receptive.preset import Preset


def test_layers_are_written_only_when_they_are_asked_for() -> None:
    written = []

    def write() -> str:
        written.append(1)
        return "conv3 conv3d2"

    entry = Preset("tiny", write, "Two layers.", "Nobody 2020, arXiv:2001.00001.")
    assert not written
    assert entry.text == "conv3 conv3d2"
    assert written == [1]


def test_layers_may_be_text() -> None:
    assert Preset("one", "conv3", "One layer.", "Nobody 2020, arXiv:2001.00001.").text == "conv3"
