from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from dilcli.errors import ImageFileError
from dilcli.files.records import Header, Metadata, Options, Picture, Source

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("record", [Header, Metadata, Options, Picture, Source])
def test_records_are_frozen(record: type) -> None:
    parameters = record.__dataclass_params__  # type: ignore[attr-defined]
    assert parameters.frozen
    assert dataclasses.is_dataclass(record)


def test_metadata_can_be_compared_and_hashed() -> None:
    assert hash(Metadata(text=(("a", "b"),))) == hash(Metadata(text=(("a", "b"),)))


def test_a_source_reads_alike_from_bytes_and_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"content")
    for source in (Source("x", data=b"content"), Source("x", path=path)):
        assert source.bytes() == b"content"
        assert source.size() == 7
        with source.open() as file:
            assert file.read() == b"content"


def test_an_error_of_a_source_starts_with_its_name() -> None:
    error = Source("a.png", data=b"").error("is odd")
    assert isinstance(error, ImageFileError)
    assert str(error) == "a.png: is odd"


def test_a_view_shows_the_bytes_of_a_file_and_of_memory(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"some bytes")
    (tmp_path / "empty").write_bytes(b"")
    assert bytes(Source("x", path=tmp_path / "x").view()) == b"some bytes"
    assert bytes(Source("x", data=b"some bytes").view()) == b"some bytes"
    assert bytes(Source("x", path=tmp_path / "empty").view()) == b""
