"""What JPEG 2000, AVIF, HEIF and FITS headers say that their decoders keep quiet about.

Pillow cuts more than 8 bits to 8 without a word in most of them; so the depth is read here, and
what cannot be decoded exactly is refused. Standard library only.
"""

from __future__ import annotations

import struct

__all__ = ["check_avif", "check_heif", "check_jpeg2000", "fits_header", "without_exif"]

_CODESTREAM = b"\xff\x4f\xff\x51"
_METADATA_BOXES = {b"xml ": "XML", b"uuid": "UUID", b"res ": "resolution"}
_CARD, _BLOCK = 80, 2880


def check_jpeg2000(data: bytes) -> list[str]:
    """Refuse what Pillow would cut; return notes. Source: ITU-T T.800, A.5.1 and I.5."""
    start = data.find(_CODESTREAM)
    if start < 0:
        raise ValueError("no codestream found")
    (count,) = struct.unpack_from(">H", data, start + 40)
    parts = [struct.unpack_from("BBB", data, start + 42 + 3 * i) for i in range(count)]
    kinds = {depth for depth, _, _ in parts}
    bits, signed = (max(kinds) & 127) + 1, max(kinds) & 128
    exact = kinds == {7} or (kinds == {15} and count == 1)
    if not exact or signed or any((x, y) != (1, 1) for _, x, y in parts):
        what = "signed" if signed else f"{bits}-bit"
        raise ValueError(
            f"{count} channels of {what} samples would not be decoded exactly; 8-bit channels of "
            "one size and 16-bit gray are; convert it to PNG or TIFF first"
        )
    boxes = data[:start]
    if b"pclr" in boxes:
        raise ValueError("a JPEG 2000 palette is not read; convert it to PNG or TIFF first")
    lost = [name for box, name in _METADATA_BOXES.items() if box in boxes]
    colour = boxes.find(b"colr")
    if colour >= 0 and boxes[colour + 4] == 2:
        lost.append("ICC profile")
    return [f"JPEG 2000 boxes not kept: {', '.join(lost)}"] if lost else []


def _refuse_deep(title: str, bits: int) -> None:
    if bits > 8:
        raise ValueError(
            f"{title} of {bits}-bit samples would be cut to 8 bits; convert it to 16-bit PNG first"
        )


def check_avif(data: bytes) -> list[str]:
    """Refuse 10 and 12 bits. Source: AV1 Codec ISO Media File Format Binding, 2.3.3 (av1C)."""
    at = data.find(b"av1C")
    while at >= 0:
        flags = data[at + 6]
        _refuse_deep("an AVIF", 12 if flags & 0x20 else 10 if flags & 0x40 else 8)
        at = data.find(b"av1C", at + 4)
    return []


def check_heif(data: bytes) -> list[str]:
    """Refuse more than 8 bits. Source: ISO/IEC 14496-15, 8.3.2.1 (hvcC)."""
    at = data.find(b"hvcC")
    while at >= 0:
        _refuse_deep("a HEIF", 8 + (data[at + 4 + 17] & 7))
        at = data.find(b"hvcC", at + 4)
    return []


def without_exif(data: bytes) -> bytes:
    """Hide the EXIF item of an AVIF or HEIF, whose broken EXIF stops the decoder."""
    return data.replace(b"Exif", b"skip")


def fits_header(data: bytes) -> tuple[tuple[int, int], str]:
    """Return shape and dtype of the primary image. Source: FITS Standard 4.0, 4.4.1 and 5.2."""
    cards: dict[str, str] = {}
    for at in range(0, len(data) - _CARD, _CARD):
        card = data[at : at + _CARD].decode("ascii", "replace")
        if card.startswith("END "):
            break
        if card[8:10] == "= ":
            cards[card[:8].strip()] = card[10:].partition("/")[0].strip()
    axes = int(cards.get("NAXIS", "0"))
    if axes != 2:
        raise ValueError(f"the primary image has {axes} axes; 2 are read")
    shape = (int(cards["NAXIS2"]), int(cards["NAXIS1"]))
    bits, zero = int(cards["BITPIX"]), float(cards.get("BZERO", "0"))
    if shape[0] * shape[1] * abs(bits) > 8 * len(data):
        raise ValueError("the file is cut off")
    scaled = float(cards.get("BSCALE", "1")) != 1.0
    if bits in (8, 16, 32) and not scaled and zero in (0.0, 2.0 ** (bits - 1)):
        unsigned = bits == 8 or zero != 0.0
        return shape, f"{'u' if unsigned else ''}int{bits}"
    if bits < 0 and not scaled and zero == 0.0:
        return shape, f"float{-bits}"
    raise ValueError(f"samples of BITPIX {bits} with BZERO {zero:g} or a BSCALE are not read")
