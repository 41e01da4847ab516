"""What the app and a plugin's process say to each other: a JSON header, then raw arrays.

Nothing is pickled, so a process that a plugin has corrupted cannot make the app run code.
"""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from text2fx_studio.errors import PluginError

LARGEST_HEADER = 16_000_000
LARGEST_ARRAY = 1 << 31
_TYPES: dict[str, np.dtype[Any]] = {"f4": np.dtype("<f4"), "u1": np.dtype("u1")}

Array = NDArray[np.float32] | NDArray[np.uint8]


def write_message(stream: BinaryIO, header: dict[str, Any], arrays: tuple[Array, ...] = ()) -> None:
    """Send one message: header fields are plain data, arrays are float32 or uint8."""
    described = [
        {"type": "u1" if a.dtype == np.uint8 else "f4", "shape": list(a.shape)} for a in arrays
    ]
    text = json.dumps({**header, "arrays": described}).encode()
    stream.write(struct.pack("<I", len(text)) + text)
    for array in arrays:
        kind = _TYPES["u1" if array.dtype == np.uint8 else "f4"]
        stream.write(np.ascontiguousarray(array, dtype=kind).tobytes())
    stream.flush()


def read_message(stream: BinaryIO) -> tuple[dict[str, Any], list[Array]]:
    """Receive one message.

    Raises:
        EOFError: The other side is gone.
        PluginError: What came is not a message.
    """
    (length,) = struct.unpack("<I", _exactly(stream, 4))
    if length > LARGEST_HEADER:
        raise PluginError("the plugin's process sent something that is not a message")
    try:
        header = json.loads(_exactly(stream, length))
        shapes = [(_TYPES[a["type"]], tuple(map(int, a["shape"]))) for a in header.pop("arrays")]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PluginError("the plugin's process sent something that is not a message") from error
    arrays: list[Array] = []
    for kind, shape in shapes:
        count = int(np.prod(shape, dtype=np.int64))
        if min(shape, default=0) < 0 or count * kind.itemsize > LARGEST_ARRAY:
            raise PluginError("the plugin's process sent an array of an impossible size")
        data = _exactly(stream, count * kind.itemsize)
        arrays.append(np.frombuffer(data, dtype=kind).reshape(shape))
    return header, arrays


def _exactly(stream: BinaryIO, count: int) -> bytes:
    parts = []
    while count:
        part = stream.read(min(count, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
