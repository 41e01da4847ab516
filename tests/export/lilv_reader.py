"""Reads LV2 presets through lilv, the library that LV2 hosts use; ctypes on its C functions."""

from __future__ import annotations

import ctypes
import ctypes.util
import struct
from pathlib import Path

import pytest

_URID_MAP = "http://lv2plug.in/ns/ext/urid#map"
_FLOAT = "http://lv2plug.in/ns/ext/atom#Float"


class _Map(ctypes.Structure):
    _fields_ = [("handle", ctypes.c_void_p), ("map", ctypes.c_void_p)]


def library() -> ctypes.CDLL:
    name = ctypes.util.find_library("lilv-0")
    if name is None:
        pytest.skip("needs lilv (Debian: lilv-utils)")
    lib = ctypes.CDLL(name)
    for function, result, arguments in (
        ("lilv_world_new", "p", ""),
        ("lilv_world_free", None, "p"),
        ("lilv_new_file_uri", "p", "pss"),
        ("lilv_new_uri", "p", "ps"),
        ("lilv_node_as_uri", "s", "p"),
        ("lilv_node_as_string", "s", "p"),
        ("lilv_node_free", None, "p"),
        ("lilv_world_load_bundle", None, "pp"),
        ("lilv_world_load_resource", "i", "pp"),
        ("lilv_world_find_nodes", "p", "pppp"),
        ("lilv_nodes_begin", "p", "p"),
        ("lilv_nodes_is_end", "i", "pp"),
        ("lilv_nodes_next", "p", "pp"),
        ("lilv_nodes_get", "p", "pp"),
        ("lilv_nodes_free", None, "p"),
        ("lilv_state_new_from_world", "p", "ppp"),
        ("lilv_state_get_label", "s", "p"),
        ("lilv_state_get_plugin_uri", "p", "p"),
        ("lilv_state_emit_port_values", None, "ppp"),
        ("lilv_state_free", None, "p"),
    ):
        kinds = {"p": ctypes.c_void_p, "s": ctypes.c_char_p, "i": ctypes.c_int, None: None}
        entry = getattr(lib, function)
        entry.restype = kinds[result]
        entry.argtypes = [kinds[letter] for letter in arguments]
    return lib


class Preset:
    """One preset as lilv understands it."""

    def __init__(self, uri: str, label: str, plugin: str, ports: dict[str, float]) -> None:
        self.uri, self.label, self.plugin, self.ports = uri, label, plugin, ports
        self.files: list[str] = []


def read_bundle(bundle: Path) -> list[Preset]:
    """Every preset of a bundle."""
    lib = library()
    world = lib.lilv_world_new()
    try:
        uri = lib.lilv_new_file_uri(world, None, f"{bundle}/".encode())
        lib.lilv_world_load_bundle(world, uri)
        a = lib.lilv_new_uri(world, b"http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
        kind = lib.lilv_new_uri(world, b"http://lv2plug.in/ns/ext/presets#Preset")
        found = lib.lilv_world_find_nodes(world, None, a, kind)
        presets = []
        at = lib.lilv_nodes_begin(found)
        while not lib.lilv_nodes_is_end(found, at):
            presets.append(_read(lib, world, lib.lilv_nodes_get(found, at)))
            at = lib.lilv_nodes_next(found, at)
        lib.lilv_nodes_free(found)
        return presets
    finally:
        lib.lilv_world_free(world)


def _read(lib: ctypes.CDLL, world: int, node: int) -> Preset:
    assert lib.lilv_world_load_resource(world, node) >= 0
    numbers: dict[bytes, int] = {}

    @ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_void_p, ctypes.c_char_p)
    def number_of(_handle: int, uri: bytes) -> int:
        return numbers.setdefault(uri, len(numbers) + 1)

    table = _Map(None, ctypes.cast(number_of, ctypes.c_void_p))
    state = lib.lilv_state_new_from_world(world, ctypes.byref(table), node)
    assert state, "lilv does not read the preset"
    ports: dict[str, float] = {}

    @ctypes.CFUNCTYPE(
        None, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32
    )
    def take(symbol: bytes, _data: int, value: int, size: int, kind: int) -> None:
        assert kind == numbers[_FLOAT.encode()]
        ports[symbol.decode()] = struct.unpack("f", ctypes.string_at(value, size))[0]

    lib.lilv_state_emit_port_values(state, ctypes.cast(take, ctypes.c_void_p), None)
    uri = lib.lilv_node_as_uri(node).decode()
    label = lib.lilv_state_get_label(state).decode()
    plugin = lib.lilv_node_as_uri(lib.lilv_state_get_plugin_uri(state)).decode()
    lib.lilv_state_free(state)
    return Preset(uri, label, plugin, ports)
