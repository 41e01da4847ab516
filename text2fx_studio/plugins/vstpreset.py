"""Reading ``.vstpreset`` files: whose they are, and whether they are whole.

Layout (little-endian): ``VST3``, int32 version 1, 32 hexadecimal digits of the class id, int64
offset of the list; then data; then ``List``, int32 count, and entries of a four-letter id, int64
offset, int64 size.
"""

from __future__ import annotations

import os
import re
import struct
from dataclasses import dataclass
from pathlib import Path

from text2fx_studio.errors import PluginError
from text2fx_studio.plugins.hosted import LARGEST_STATE_BYTES

_HEADER = struct.Struct("<4si32sq")
_ENTRY = struct.Struct("<4sqq")
_MOST_ENTRIES = 64


@dataclass(frozen=True)
class VstPreset:
    """A whole ``.vstpreset``.

    Attributes:
        class_id: Of the plugin, 32 hexadecimal digits, upper case.
        data: The file's bytes.
        chunks: Offset and size of each part, by its four-letter id.
    """

    class_id: str
    data: bytes
    chunks: dict[str, tuple[int, int]]


def read_vstpreset(path: str | os.PathLike[str]) -> VstPreset:
    """Read a file.

    Raises:
        PluginError: It cannot be read, or is no whole ``.vstpreset``.
    """
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(LARGEST_STATE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise PluginError(f"{path}: the plugin preset cannot be read: {error}") from error
    return parse_vstpreset(data, str(path))


def parse_vstpreset(data: bytes, where: str) -> VstPreset:
    """Check the bytes of a file.

    Raises:
        PluginError: They are no whole ``.vstpreset``; names ``where``.
    """
    if len(data) > LARGEST_STATE_BYTES:
        raise PluginError(f"{where}: larger than {LARGEST_STATE_BYTES:,} bytes, which is not read")
    if len(data) < _HEADER.size:
        raise PluginError(f"{where}: no .vstpreset: {len(data)} bytes, too short for its header")
    magic, version, identifier, at = _HEADER.unpack_from(data)
    if magic != b"VST3" or version != 1:
        raise PluginError(f"{where}: no .vstpreset of version 1 (it begins with {magic!r})")
    class_id = identifier.decode("ascii", "replace").upper()
    if not re.fullmatch("[0-9A-F]{32}", class_id):
        raise PluginError(f"{where}: no .vstpreset: its class id is {class_id!a}")
    if not _HEADER.size <= at <= len(data) - 8 or data[at : at + 4] != b"List":
        raise PluginError(f"{where}: a broken .vstpreset: its list is not where its header says")
    (count,) = struct.unpack_from("<i", data, at + 4)
    if not 0 < count <= _MOST_ENTRIES or at + 8 + count * _ENTRY.size > len(data):
        raise PluginError(f"{where}: a broken .vstpreset: a list of {count} parts")
    chunks = {}
    for index in range(count):
        name, offset, size = _ENTRY.unpack_from(data, at + 8 + index * _ENTRY.size)
        if not (_HEADER.size <= offset <= len(data) and 0 <= size <= len(data) - offset):
            raise PluginError(f"{where}: a broken .vstpreset: a part lies outside the file")
        chunks[name.decode("ascii", "replace")] = (offset, size)
    if "Comp" not in chunks:
        raise PluginError(f"{where}: a .vstpreset without the plugin's state ('Comp')")
    return VstPreset(class_id, data, chunks)
