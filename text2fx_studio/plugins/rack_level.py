"""How much louder a rack makes a recording: what a plugin does can only be measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dsp.audio_file import AudioReader
from dsp.chain import Chain
from dsp.loudness import integrated_lufs
from text2fx_studio.errors import CancelledError
from text2fx_studio.plugins.hosted import HostedPlugin
from text2fx_studio.plugins.rack import Rack

PASSAGE_S = 4.0
_PLACES = (0.1, 0.37, 0.63, 0.9)  # shares of the recording; the loudest are taken
_PASSAGES = 2
MOST_DB = 24.0

Samples = NDArray[np.float32]


def loudness_change_db(
    path: str | Path,
    chain: Chain,
    plugins: Sequence[HostedPlugin],
    *,
    cancel: Callable[[], bool] | None = None,
) -> float:
    """Loudness (BS.1770) of the shaped passages minus that of the dry ones.

    Args:
        path: The recording; its two loudest of four passages of 4 s are heard.
        chain: The app's own effects.
        plugins: In signal order; those that are not installed are left out.
        cancel: Asked between passages.

    Returns:
        LU, at most ±24; 0.0 for silence.

    Raises:
        PluginError: A plugin cannot be loaded, crashes or hangs.
        AudioFileError: The recording cannot be read.
        CancelledError: ``cancel`` returned True.
    """
    with AudioReader(path) as reader:
        rate = reader.info.sample_rate
        dry = _passages(reader)
    before = [integrated_lufs(sound, rate) for sound in dry]
    order = sorted(range(len(dry)), key=lambda i: -before[i])[:_PASSAGES]
    order = [i for i in order if math.isfinite(before[i])]
    if not order:
        return 0.0
    changes = []
    with Rack(plugins, skip_missing=True) as rack:
        for i in order:
            if cancel is not None and cancel():
                raise CancelledError("measuring the rack's level was cancelled")
            after = integrated_lufs(rack.process(dry[i], rate, chain), rate)
            changes.append(after - before[i] if math.isfinite(after) else -MOST_DB)
    return float(np.clip(np.mean(changes), -MOST_DB, MOST_DB))


def _passages(reader: AudioReader) -> list[Samples]:
    frames, rate = reader.info.frames, reader.info.sample_rate
    length = min(frames, round(PASSAGE_S * rate))
    starts = sorted({round(share * (frames - length)) for share in _PLACES})
    return [reader.read(start, length) for start in starts]
