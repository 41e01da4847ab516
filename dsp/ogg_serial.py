"""The serial number of an Ogg stream, made the same each time.

An Ogg stream carries a random number, so that streams can be told apart when they are mixed. In a
file with one stream it says nothing, but equal sounds would give unequal files. It stands in the
header of every page, under the page's checksum (RFC 3533: CRC-32 with the polynomial 0x04c11db7,
not reflected, starting from zero). Such a checksum is linear over GF(2): what changes in it is the
checksum of the change alone, so that no page has to be read as a whole.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from pathlib import Path

from dsp.errors import AudioFileError

SERIAL = 0x54324658
_POLYNOMIAL = 0x104C11DB7
_HEADER = struct.Struct("<4sBBqIIIB")  # magic, version, kind, position, serial, number, crc, count
_SERIAL_AT, _CRC_AT = 14, 22


def fix_serial(path: Path, serial: int = SERIAL) -> None:
    """Give an Ogg file with one stream a fixed serial number, in place.

    Raises:
        AudioFileError: The file is not a whole sequence of Ogg pages.
        OSError: It cannot be read or written.
    """
    with path.open("rb+") as stream:
        at = 0
        while header := stream.read(_HEADER.size):
            if len(header) < _HEADER.size or header[:4] != b"OggS":
                raise AudioFileError(f"{path}: is not a sequence of Ogg pages at byte {at}")
            _, _, _, _, old, _, crc, count = _HEADER.unpack(header)
            length = _HEADER.size + count + sum(stream.read(count))
            change = int.from_bytes((old ^ serial).to_bytes(4, "little"), "big")
            new = crc ^ _times_power(change, 8 * (length - _SERIAL_AT - 4) + 32)
            stream.seek(at + _SERIAL_AT)
            stream.write(serial.to_bytes(4, "little"))
            stream.seek(at + _CRC_AT)
            stream.write(new.to_bytes(4, "little"))
            at += length
            stream.seek(at)


def _times_power(value: int, bits: int) -> int:
    """Return value * x^bits modulo the checksum's polynomial."""
    return _product(value, _power(bits))


@lru_cache(maxsize=4096)
def _power(bits: int) -> int:
    found, square = 1, 2  # x^0, x^1
    while bits:
        if bits & 1:
            found = _product(found, square)
        square = _product(square, square)
        bits >>= 1
    return found


def _product(a: int, b: int) -> int:
    found = 0
    while b:
        if b & 1:
            found ^= a
        b >>= 1
        a <<= 1
        if a >> 32:
            a ^= _POLYNOMIAL
    return found
