"""VST3 bundles whose library crashes or hangs the moment it is loaded.

The library is written byte by byte, so that no compiler is needed: an ELF shared object of one
segment whose ``DT_INIT`` points at a few instructions.
"""

from __future__ import annotations

import platform
import struct
from pathlib import Path

import pytest

# Crash: an undefined instruction. Hang: a jump to itself.
CODE = {
    ("x86_64", "crash"): b"\x0f\x0b",
    ("x86_64", "hang"): b"\xeb\xfe",
    ("aarch64", "crash"): b"\x00\x00\x00\x00",
    ("aarch64", "hang"): b"\x00\x00\x00\x14",
}
MACHINE = {"x86_64": 62, "aarch64": 183}
_DT_HASH, _DT_STRTAB, _DT_SYMTAB, _DT_STRSZ, _DT_SYMENT, _DT_INIT = 4, 5, 6, 10, 11, 12


def shared_object(code: bytes, machine: int) -> bytes:
    """A library that runs ``code`` when it is loaded."""
    code_at, hash_at, symbols_at, names_at, dynamic_at = 0x200, 0x240, 0x260, 0x2A0, 0x300
    dynamic = b"".join(
        struct.pack("<QQ", *entry)
        for entry in (
            (_DT_HASH, hash_at), (_DT_STRTAB, names_at), (_DT_SYMTAB, symbols_at),
            (_DT_STRSZ, 1), (_DT_SYMENT, 24), (_DT_INIT, code_at), (0, 0),
        )
    )  # fmt: skip
    size = dynamic_at + len(dynamic)
    header = struct.pack(
        "<4sBBBB8xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 0, 3, machine, 1, 0, 64, 0, 0, 64, 56, 2,
        64, 0, 0,
    )  # fmt: skip
    everything = struct.pack("<IIQQQQQQ", 1, 7, 0, 0, 0, size, size, 0x1000)  # PT_LOAD, rwx
    linking = struct.pack(
        "<IIQQQQQQ", 2, 6, dynamic_at, dynamic_at, dynamic_at, len(dynamic), len(dynamic), 8
    )
    image = bytearray(size)
    for at, part in (
        (0, header), (64, everything), (120, linking), (code_at, code),
        (hash_at, struct.pack("<IIII", 1, 1, 0, 0)), (dynamic_at, dynamic),
    ):  # fmt: skip
        image[at : at + len(part)] = part
    return bytes(image)


def make_bundle(folder: Path, name: str, behaviour: str) -> Path:
    """A bundle ``NAME.vst3``; ``behaviour`` is ``crash`` or ``hang``."""
    machine = platform.machine()
    if platform.system() != "Linux" or (machine, behaviour) not in CODE:
        pytest.skip("fake plugins are made for Linux on x86-64 and ARM64")
    bundle = folder / f"{name}.vst3"
    library = bundle / "Contents" / f"{machine}-linux" / f"{name}.so"
    library.parent.mkdir(parents=True)
    library.write_bytes(shared_object(CODE[machine, behaviour], MACHINE[machine]))
    return bundle
