"""Figures of the plugin host on this machine: ``python -m tests.plugins.measure``.

Scans the system's plugins afresh, runs each on mono and stereo, and searches ZamEQ2 by CMA-ES for
ten words on the demo's loop, the first of them twice.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from tests.plugins.conftest import RATE_HZ, noise
from text2fx_studio.demo import SAMPLE_RATE_HZ, demo_loop
from text2fx_studio.errors import PluginError
from text2fx_studio.plugins.library import find, open_plugin, scan
from text2fx_studio.plugins.search import search_plugin
from text2fx_studio.search.windows import ArraySource

WORDS = (
    "warm", "bright", "dark", "tinny", "muffled", "boomy", "crisp", "thin", "harsh", "airy",
)  # fmt: skip
KEYS = (
    "boost_cut_1", "frequency_1", "boost_cut_2", "frequency_2", "boost_cut_l", "frequency_l",
    "boost_cut_h", "frequency_h",
)  # fmt: skip


def main(say: Callable[[str], object] = sys.stdout.write) -> None:
    """Print everything."""
    began = time.perf_counter()
    found = scan(rescan=True)
    usable = [info for info in found if info.usable]
    say(
        f"scan: {len(found)} plugins in {time.perf_counter() - began:.1f} s, {len(usable)} usable, "
        f"{sum(i.status != 'ok' for i in found)} quarantined\n"
    )
    for info in usable:
        with open_plugin(info) as host:
            for channels in (1, 2):
                try:
                    heard = host.process(noise(channels, RATE_HZ), RATE_HZ)
                    fine = np.isfinite(heard).all() and heard.shape == (channels, RATE_HZ)
                except PluginError as error:
                    fine = False
                    say(f"{error}\n")
                if not fine:
                    say(f"{info.name}: {channels} channels: failed\n")
    source = ArraySource(demo_loop(), SAMPLE_RATE_HZ)
    runs = []
    for word in (*WORDS, WORDS[0]):
        run = search_plugin(source, word, find("ZamEQ2"), KEYS, device="cpu")
        runs.append(run)
        say(
            f"{word:<8} {run.score_before:.3f} -> {run.score_after:.3f} in {run.evaluations} "
            f"settings, {run.seconds:.1f} s\n"
        )
    better = sum(run.accepted for run in runs[: len(WORDS)])
    same = runs[0].plugin == runs[-1].plugin and runs[0].history == runs[-1].history
    say(f"better for {better} of {len(WORDS)} words; the same seed gives the same: {same}\n")


if __name__ == "__main__":
    main()
