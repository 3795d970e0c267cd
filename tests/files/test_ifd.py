from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.files.ifd import (
    SIZES,
    Entry,
    Order,
    byte_order,
    first_offset,
    integers,
    read_ifd,
    write_ifds,
)
from tests.files import makers

ORDERS: tuple[Order, ...] = ("<", ">")


@pytest.mark.parametrize("order", ORDERS)
def test_a_hand_made_directory_is_read(order: Order) -> None:
    block = makers.exif(order, 6)
    assert byte_order(block) == order
    assert first_offset(block) == 8
    entries, pointer = read_ifd(block, 8, order)
    found = {entry.tag: entry for entry in entries}
    assert list(found) == [271, 274, 282, 283, 296, 34665, 34853]
    assert found[271].value == b"Maker\0"
    assert integers(found[274], order) == (6,)
    assert integers(found[282], order) == (300, 1)
    assert block[found[274].at : found[274].at + 2] == struct.pack(f"{order}H", 6)
    assert block[pointer : pointer + 4] == bytes(4)


def _entries(order: Order) -> st.SearchStrategy[list[Entry]]:
    def entry(tag: int, kind: int, count: int, byte: int) -> Entry:
        return Entry(tag, kind, count, bytes([byte]) * (SIZES[kind] * count))

    one = st.builds(
        entry,
        st.integers(1, 30_000),
        st.sampled_from(sorted(SIZES)),
        st.integers(1, 9),
        st.integers(0, 255),
    )
    return st.lists(one, max_size=6, unique_by=lambda e: e.tag)


@given(st.sampled_from(ORDERS), st.data())
def test_directories_come_back_as_they_were_written(order: Order, data: st.DataObject) -> None:
    main = data.draw(_entries(order))
    below = {tag: data.draw(_entries(order)) for tag in (34665, 34853)}
    packed, offsets = write_ifds(main, below, order)
    mark = b"II*\0" if order == "<" else b"MM\0*"
    block = mark + struct.pack(f"{order}I", 8) + packed
    entries, _ = read_ifd(block, 8, order)
    back = [entry._replace(at=0) for entry in entries]
    assert [e for e in back if e.tag not in below] == sorted(main)
    for entry in entries:
        if entry.tag in below:
            (offset,) = integers(entry, order)
            assert offset == offsets[entry.tag]
            found = [e._replace(at=0) for e in read_ifd(block, offset, order)[0]]
            assert found == sorted(below[entry.tag])


def test_directories_without_a_main_one_start_where_they_are_told() -> None:
    entry = Entry(1, 3, 1, b"\7\0")
    packed, offsets = write_ifds([], {34665: [entry]}, "<", 100)
    assert offsets == {34665: 100}
    found, _ = read_ifd(bytes(100) + packed, 100, "<")
    assert integers(found[0], "<") == (7,)


def test_an_entry_whose_value_lies_outside_is_left_out() -> None:
    block = bytearray(makers.exif("<"))
    entry = next(e for e in read_ifd(bytes(block), 8, "<")[0] if e.tag == 271)
    block[block.index(struct.pack("<I", entry.at))] = 255
    assert 271 not in [e.tag for e in read_ifd(bytes(block), 8, "<")[0]]


@pytest.mark.parametrize("offset", [0, 7, 10_000])
def test_a_directory_outside_the_block_is_an_error(offset: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        read_ifd(makers.exif("<"), offset, "<")


def test_a_directory_that_is_cut_off_is_an_error() -> None:
    with pytest.raises(ValueError, match="cut off"):
        read_ifd(makers.exif("<")[:30], 8, "<")


@pytest.mark.parametrize("block", [b"", b"garbage!", b"II+\0" + bytes(8)])
def test_what_is_no_tiff_structure_has_no_byte_order(block: bytes) -> None:
    with pytest.raises(ValueError, match="no TIFF header"):
        byte_order(block)
