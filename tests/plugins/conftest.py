"""Real plugins where they are installed (Debian's zam-plugins), and sound to run through them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from text2fx_studio.plugins.host import PluginHost

ZAM = (
    "ZaMaximX2", "ZaMultiComp", "ZaMultiCompX2", "ZamAutoSat", "ZamComp", "ZamCompX2", "ZamDelay",
    "ZamDynamicEQ", "ZamEQ2", "ZamGEQ31", "ZamGate", "ZamGateX2", "ZamGrains", "ZamHeadX2",
    "ZamPhono", "ZamTube", "ZamVerb",
)  # fmt: skip
FOLDER = Path("/usr/lib/vst3")
RATE_HZ = 44_100


def zam(name: str) -> Path:
    """A plugin's bundle; the test is skipped, visibly, where it is missing."""
    path = FOLDER / f"{name}.vst3"
    if not path.is_dir():
        pytest.skip(f"needs {name}.vst3 (Debian: zam-plugins)")
    return path


@pytest.fixture
def eq() -> Iterator[PluginHost]:
    """A mono equalizer."""
    with PluginHost(zam("ZamEQ2")) as host:
        yield host


def noise(channels: int, frames: int, seed: int = 7) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return (0.1 * generator.standard_normal((channels, frames))).astype(np.float32)
