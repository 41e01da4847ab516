"""``text2fx bench render``: how fast a long stereo file is rendered, and in how much memory.

Every chain is rendered in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import os
import platform
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from text2fx_studio import processes
from text2fx_studio.errors import OutputError, UsageError

SAMPLE_RATE_HZ = 44_100
T60_S = 2.0
CHAINS = ("eq", "reverb", "eq,reverb")
_BLOCK_S = 10


@dataclass(frozen=True)
class RenderSpeed:
    """One chain's rendering.

    Attributes:
        chain: ``eq``, ``reverb`` or ``eq,reverb``.
        first_seconds: Wall time of the process's first rendering, in s.
        seconds: Median wall time of the renderings after it, in s.
        cpu_seconds: Median processor time of the same, all threads together, in s: what other work
            on the machine does not lengthen.
        times_real_time: Seconds of sound per second of wall time, by ``seconds``.
        first_times_real_time: The same by ``first_seconds``.
        idle_bytes: The process's memory before the first rendering; None where not known.
        peak_bytes: Its largest memory ever; None where not known.
    """

    chain: str
    first_seconds: float
    seconds: float
    cpu_seconds: float
    times_real_time: float
    first_times_real_time: float
    idle_bytes: int | None
    peak_bytes: int | None


@dataclass(frozen=True)
class RenderReport:
    """All that ``bench render`` says; ``to_data`` is its JSON."""

    seconds: float
    sample_rate: int
    channels: int
    subtype: str
    t60_s: float
    repeats: int
    cpus: int
    machine: str
    chains: list[RenderSpeed]

    def to_data(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {"benchmark": "render", **asdict(self)}


def example_chain(name: str) -> Chain:
    """A full setting of a chain: all stages of the equalizer move, T60 is 2 s.

    Raises:
        ParameterError: The name is not that of a chain.
    """
    chain = Chain.parse(name)
    if chain.get(Equalizer) is not None:
        gains = {
            p.name: (3.0 if index % 2 else -4.0)
            for index, p in enumerate(Equalizer.parameters)
            if p.name.endswith("_gain_db")
        }
        chain = chain.replace(
            Equalizer({**gains, "high_pass_frequency_hz": 40.0, "low_pass_frequency_hz": 16_000.0})
        )
    if chain.get(Reverb) is not None:
        chain = chain.replace(Reverb({"t60_s": T60_S, "wet_db": -6.0, "predelay_ms": 20.0}))
    return chain


def write_test_sound(path: Path, seconds: float) -> None:
    """Write seeded stereo noise at -20 dBFS that swells once a second, WAV, 24 bit, 44.1 kHz."""
    rng = np.random.default_rng(0)
    with soundfile.SoundFile(path, "w", SAMPLE_RATE_HZ, 2, "PCM_24") as file:
        left = round(seconds * SAMPLE_RATE_HZ)
        while left:
            count = min(left, _BLOCK_S * SAMPLE_RATE_HZ)
            swell = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(count) / SAMPLE_RATE_HZ)
            file.write((0.1 * rng.standard_normal((count, 2)) * swell[:, None]).clip(-1, 1))
            left -= count


def run(seconds: float = 60.0, chains: Sequence[str] = CHAINS, repeats: int = 3) -> RenderReport:
    """Render a synthesised file through every chain.

    Args:
        seconds: Length of the file, in s.
        chains: Names of chains.
        repeats: Renderings after the first.

    Raises:
        UsageError: ``seconds`` or ``repeats`` is too small.
        ParameterError: A chain is unknown.
    """
    if not seconds > 0 or repeats < 1:
        raise UsageError(
            f"bench render: found {seconds:g} s and {repeats} repeats; "
            "needed are more than 0 s and at least 1 repeat"
        )
    settings = {name: example_chain(name) for name in chains}
    with tempfile.TemporaryDirectory(prefix="text2fx-bench-") as folder:
        source = Path(folder) / "source.wav"
        write_test_sound(source, seconds)
        found = [
            _in_own_process(name, setting, source, Path(folder), seconds, repeats)
            for name, setting in settings.items()
        ]
    return RenderReport(
        seconds=seconds,
        sample_rate=SAMPLE_RATE_HZ,
        channels=2,
        subtype="PCM_24",
        t60_s=T60_S,
        repeats=repeats,
        cpus=os.cpu_count() or 0,
        machine=platform.machine(),
        chains=found,
    )


def _in_own_process(
    name: str, setting: Chain, source: Path, folder: Path, seconds: float, repeats: int
) -> RenderSpeed:
    context = processes.fresh()
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        job = pool.submit(_measure, setting, source, folder / "rendered.wav", repeats)
        try:
            times, cpu_times, idle, peak = job.result()
        except BrokenProcessPool as error:
            raise OutputError(f"bench render: the process that rendered {name} died") from error
    median = statistics.median(times[1:])
    return RenderSpeed(
        chain=name,
        first_seconds=times[0],
        seconds=median,
        cpu_seconds=statistics.median(cpu_times[1:]),
        times_real_time=seconds / median,
        first_times_real_time=seconds / times[0],
        idle_bytes=idle,
        peak_bytes=peak,
    )


def _measure(
    setting: Chain, source: Path, target: Path, repeats: int
) -> tuple[list[float], list[float], int | None, int | None]:
    """Wall and processor times of 1 + repeats renderings, memory before them, largest memory."""
    from dsp.render import render_file

    idle = _memory_bytes("VmRSS")
    times, cpu_times = [], []
    for _ in range(1 + repeats):
        target.unlink(missing_ok=True)
        begun, cpu_begun = time.perf_counter(), time.process_time()
        render_file(source, target, setting)
        times.append(time.perf_counter() - begun)
        cpu_times.append(time.process_time() - cpu_begun)
    return times, cpu_times, idle, _memory_bytes("VmHWM")


def _memory_bytes(field: str) -> int | None:
    """A field of the kernel's account of this process; None where there is no such account."""
    if not sys.platform.startswith("linux"):
        return None
    found = re.search(rf"^{field}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.M)
    return int(found[1]) * 1024 if found else None
