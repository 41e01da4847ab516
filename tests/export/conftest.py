"""Settings that use everything, and the independent tools that read what was written."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.gain import Gain
from dsp.reverb import Reverb
from text2fx_studio.export.write import Exported, export_preset
from text2fx_studio.preset import Preset

PACKAGES = {
    "lv2apply": "lilv-utils",
    "ardour7-lua": "ardour",
    "sox": "sox",
    "xmllint": "libxml2-utils",
    "easyeffects": "easyeffects",
    "pipewire": "pipewire-bin",
    "wireplumber": "wireplumber",
    "dbus-daemon": "dbus-daemon",
    "Xvfb": "xvfb",
    "xdotool": "xdotool",
}
BUNDLES = {"lsp-plugins.lv2": "lsp-plugins-lv2", "zeroconvo.lv2": "x42-plugins"}

ALL_STAGES = Equalizer(
    {
        "high_pass_frequency_hz": 45.0, "low_shelf_gain_db": 5.5,
        "low_shelf_frequency_hz": 150.0, "low_shelf_q": 0.5, "bell_1_gain_db": -7.0,
        "bell_1_q": 3.0, "bell_2_gain_db": 6.0, "bell_2_q": 0.5, "bell_3_gain_db": -12.0,
        "bell_3_q": 5.0, "bell_4_gain_db": 4.0, "bell_5_gain_db": 9.0, "bell_5_q": 1.7,
        "bell_6_gain_db": -6.0, "bell_6_frequency_hz": 12_000.0, "high_shelf_gain_db": 8.0,
        "high_shelf_frequency_hz": 7000.0, "high_shelf_q": 0.9,
        "low_pass_frequency_hz": 15_000.0,
    }
)  # fmt: skip
ROOM = Reverb({"wet_db": -6.0, "t60_s": 0.4, "predelay_ms": 12.0, "damping": 0.6})
NAME = 'Wärme: "x/y" 漢字 𝄞'


@pytest.fixture
def eq_preset() -> Preset:
    """All ten stages and a gain."""
    return Preset(chain=Chain((ALL_STAGES, Gain({"gain_db": -6.0}))), name=NAME)


@pytest.fixture
def full_preset() -> Preset:
    """All ten stages, a room and a gain."""
    return Preset(chain=Chain((ALL_STAGES, ROOM, Gain({"gain_db": -6.0}))), name=NAME)


Export = Callable[..., Exported]


@pytest.fixture
def export(tmp_path: Path) -> Export:
    def run(preset: Preset, target: str, **options: object) -> Exported:
        (done,) = export_preset(preset, [target], tmp_path / "out", **options)  # type: ignore[arg-type]
        return done

    return run


@pytest.fixture
def tool() -> Callable[[str], str]:
    """The path of an independent tool; the test is skipped, visibly, where it is missing."""

    def find(name: str) -> str:
        found = shutil.which(name)
        if found is None:
            pytest.skip(f"needs {name} (Debian: {PACKAGES[name]})")
        return found

    return find


@pytest.fixture
def bundle() -> Callable[[str], Path]:
    """An installed LV2 bundle."""

    def find(name: str) -> Path:
        path = Path("/usr/lib/lv2") / name
        if not path.is_dir():
            pytest.skip(f"needs {name} (Debian: {BUNDLES[name]})")
        return path

    return find


def one(exported: Exported, suffix: str) -> Path:
    """The export's only file of that ending."""
    (path,) = (p for p in exported.paths if p.name.endswith(suffix))
    return path
