"""``.vstpreset`` files, whole and broken."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text2fx_studio.errors import PluginError
from text2fx_studio.plugins.vstpreset import parse_vstpreset, read_vstpreset

CLASS_ID = "2046504473616C633251455A00000000"


def whole(state: bytes = b"state") -> bytes:
    entry = struct.pack("<4sqq", b"Comp", 48, len(state))
    return (
        struct.pack("<4si32sq", b"VST3", 1, CLASS_ID.encode(), 48 + len(state))
        + state + b"List" + struct.pack("<i", 1) + entry
    )  # fmt: skip


def test_a_whole_file(tmp_path):
    path = tmp_path / "x.vstpreset"
    path.write_bytes(whole())
    found = read_vstpreset(path)
    assert found.class_id == CLASS_ID
    at, size = found.chunks["Comp"]
    assert found.data[at : at + size] == b"state"


@pytest.mark.parametrize("length", range(len(whole())))
def test_every_truncation_is_refused(length):
    with pytest.raises(PluginError):
        parse_vstpreset(whole()[:length], "cut")


@given(st.binary(max_size=200))
def test_garbage_is_refused(data):
    with pytest.raises(PluginError):
        parse_vstpreset(data, "garbage")


def test_a_part_outside_the_file_is_refused():
    data = bytearray(whole())
    data[-8:] = struct.pack("<q", 1 << 40)
    with pytest.raises(PluginError, match="outside the file"):
        parse_vstpreset(bytes(data), "liar")
