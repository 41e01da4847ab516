"""Mutated files of every format that is read: ``python -m tests.imports.fuzz --count 10000``.

A mutation must give an error of this project or a valid chain: never another exception, a hang, a
number that is not finite, or (when it is exported) a file outside the folder.
"""

from __future__ import annotations

import argparse
import random
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from text2fx_studio.errors import Text2FXError
from text2fx_studio.export.registry import targets
from text2fx_studio.export.write import export_preset
from text2fx_studio.imports.read import read_any
from text2fx_studio.plugins import library
from text2fx_studio.plugins.hosted import HostedPlugin
from text2fx_studio.preset import Preset, dump, load_preset
from text2fx_studio.preset_library import factory_folder

SLOWEST_S = 5.0
FREQUENCIES_HZ = np.geomspace(20, 20_000, 24)
APO = """# from a meter
Preamp: -6.2 dB
Filter 1: ON LSC Fc 105 Hz Gain 5.5 dB Q 0.70
Filter 2: ON PK Fc 2914 Hz Gain 4.1 dB Q 1.6
Filter 3: OFF PK Fc 10 Hz Gain 1 dB Q 1
Filter 4: ON HS 12 dB Fc 10000 Hz Gain -1.6 dB
Filter 5: ON HPQ Fc 30 Hz Q 0.9
Filter 6: ON PK Fc 500 Hz Gain 2 dB BW Oct 1.5
"""
GRAPHIC = "GraphicEQ: 20 -3.1; 50 2; 100 4; 1000 -2; 3000 3; 20000 1\n"
CLASS_ID = "2046504473616C633251455A00000000"
SPECIAL = (
    b"NaN", b"Infinity", b"-1e999", b"1e308", b"0", b"-", b"\x00", b"\xff\xfe", b"../../x",
    b"[" * 40,
    b'"', b"{}", b"null", b"9" * 400, b"\xf0\x9d\x84\x9e", b"\\ud800", b"\n", b"e",
    b".", b",", b":",
)  # fmt: skip


def mutate(data: bytes, rng: random.Random) -> bytes:
    """One to six changes: bytes, spans, doublings, cuts, special words, other numbers."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(out) + 1)
        match rng.randrange(7):
            case 0 if out:
                out[at % len(out)] = rng.randrange(256)
            case 1:
                del out[at : at + rng.randint(1, 30)]
            case 2:
                out[at:at] = out[at : at + rng.randint(1, 60)]
            case 3:
                out[at:at] = rng.choice(SPECIAL)
            case 4:
                out = out[:at] if rng.random() < 0.2 else out
            case 5:
                digits = [i for i, b in enumerate(out) if 48 <= b < 58]
                if digits:
                    out[rng.choice(digits)] = rng.randrange(48, 58)
            case 6:
                span = out[at : at + rng.randint(1, 40)]
                to = rng.randrange(len(out) + 1)
                out[to:to] = span
    return bytes(out)


def seeds() -> dict[str, list[bytes]]:
    """Whole files of each format."""
    plugin = HostedPlugin("ZamEQ2", CLASS_ID, manufacturer="x", state=b"\x01\x02state" * 5)
    cathedral = load_preset(factory_folder() / "cathedral.t2fx.json")
    full = dump(Preset(cathedral.chain, "Ünï", prompt="warm", seed=3, plugins=(plugin,)))
    entry = struct.pack("<4sqq", b"Comp", 48, 200)
    vst = (
        struct.pack("<4si32sq", b"VST3", 1, CLASS_ID.encode(), 248) + bytes(200)
        + b"List" + struct.pack("<i", 1) + entry
    )  # fmt: skip
    factory = [path.read_bytes() for path in sorted(factory_folder().glob("*.json"))]
    return {
        "preset": [full.encode(), *factory],
        "equalizer-apo": [APO.encode(), GRAPHIC.encode()],
        "vstpreset": [vst],
    }


def run(kind: str, count: int, seed: int = 0) -> dict[str, float]:
    """Try ``count`` mutations of a format.

    Returns:
        How many were valid and refused, and the slowest in seconds.

    Raises:
        AssertionError: A mutation broke a promise; the message holds it.
    """
    rng = random.Random(seed)
    wholes = seeds()[kind]
    known = library.PluginInfo("/x/ZamEQ2.vst3", "", "ok", name="ZamEQ2", identifier=CLASS_ID)
    library._remember([known])
    names = [t.name for t in targets() if t.name not in ("ir", "lv2-x42", "vstpreset")]
    found = {"valid": 0.0, "refused": 0.0, "slowest_s": 0.0}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "case"
        for number in range(count):
            data = mutate(rng.choice(wholes), rng)
            file.write_bytes(data)
            began = time.process_time()  # of this process alone: other work must not count
            try:
                preset = read_any(file).preset
                check(preset)
                if number % 50 == 0:
                    check_export(preset, Path(folder), [rng.choice(names)])
                found["valid"] += 1
            except Text2FXError:
                found["refused"] += 1
            except Exception as error:
                raise AssertionError(
                    f"{kind}, {type(error).__name__}: {error}: {data!r}"
                ) from error
            seconds = time.process_time() - began
            found["slowest_s"] = max(found["slowest_s"], seconds)
            assert seconds < SLOWEST_S, data
    return found


def check(preset: Preset) -> None:
    """Everything that a chain gives is finite."""
    curve = preset.chain.frequency_response_db(FREQUENCIES_HZ)
    assert np.isfinite(curve).all()
    assert np.isfinite(preset.chain.tail_s())
    assert Preset.from_data(preset.to_data()) == preset


def check_export(preset: Preset, folder: Path, names: list[str]) -> None:
    """Exports stay in their folder."""
    before = set(folder.rglob("*"))
    inside = folder / "a" / "b"
    export_preset(preset, names, inside, overwrite=True, sample_rate_hz=8000)
    new = set(folder.rglob("*")) - before
    assert all(path == folder / "a" or path.is_relative_to(inside) for path in new)


def main(say: Callable[[str], object] = sys.stdout.write) -> None:
    """All formats from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    for kind in seeds():
        began = time.perf_counter()
        found = run(kind, args.count, args.seed)
        say(
            f"{kind:<14} {args.count} mutations: {found['valid']:.0f} valid, "
            f"{found['refused']:.0f} refused, slowest {found['slowest_s']:.2f} s, "
            f"{time.perf_counter() - began:.0f} s in all\n"
        )


if __name__ == "__main__":
    main()
