"""A sound of any length through a plugin in full buffers, its latency taken off, its tail kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from text2fx_studio.errors import PluginError

BUFFER_FRAMES = 1024  # some plugins are right only with full buffers of one size
CHUNK_FRAMES = 64 * BUFFER_FRAMES
LONGEST_TAIL_S = 20.0
SILENCE = 10 ** (-96.4 / 20)  # half a step of 16 bit: the tail ends below it
_FADE_S = 0.02
_SHORTEST_TAIL_S = 0.05  # what rings less is a filter's end, not a room: the file keeps its length

Samples = NDArray[np.float32]


def stream(
    process: Callable[[Samples], Samples],
    blocks: Iterable[Samples],
    sample_rate: float,
    channels: int,
    *,
    tail: bool,
) -> Iterator[Samples]:
    """Run a sound through.

    Args:
        process: Full chunks in; the same number of samples out, fewer at first.
        blocks: float32, shape [channels, n], any n.
        sample_rate: In Hz.
        channels: Of the blocks.
        tail: Whether to wait until the plugin is silent, at most 20 s.

    Yields:
        float32, shape [channels, n]; as many samples as came in, plus the tail.
    """
    length = done = 0
    for chunk, count in _chunked(blocks, channels):
        length += count
        out = process(chunk)
        kept = out[:, : length - done]
        done += kept.shape[1]
        rest = out[:, kept.shape[1] :]
        if kept.shape[1]:
            yield kept
    if not length:
        return
    silence = np.zeros((channels, CHUNK_FRAMES), dtype=np.float32)
    ringing = [rest]
    while done < length:
        out = process(silence)
        if not out.shape[1] and len(ringing) > 64:
            raise PluginError("the plugin takes sound and gives none back; bypass it")
        kept = out[:, : length - done]
        done += kept.shape[1]
        ringing.append(out[:, kept.shape[1] :])
        if kept.shape[1]:
            yield kept
    if not tail:
        return
    while _loud(ringing[-1]) and sum(r.shape[1] for r in ringing) < LONGEST_TAIL_S * sample_rate:
        ringing.append(process(silence))
    if (end := _trimmed(np.concatenate(ringing, axis=1), sample_rate)).shape[1]:
        yield end


def whole(plugin: Any, sound: Samples, sample_rate: float) -> Samples:
    """A sound in memory through a plugin of this process, at its own length."""
    plugin.start(len(sound), sample_rate)
    parts = stream(plugin.process, [sound], sample_rate, len(sound), tail=False)
    return np.concatenate(list(parts), axis=1)


def _chunked(blocks: Iterable[Samples], channels: int) -> Iterator[tuple[Samples, int]]:
    """Full chunks and how many of their samples are sound; the last is filled with silence."""
    rest = np.zeros((channels, 0), dtype=np.float32)
    for block in blocks:
        rest = np.concatenate((rest, block), axis=1)
        while rest.shape[1] >= CHUNK_FRAMES:
            yield rest[:, :CHUNK_FRAMES], CHUNK_FRAMES
            rest = rest[:, CHUNK_FRAMES:]
    if rest.shape[1]:
        count = rest.shape[1]
        yield np.pad(rest, ((0, 0), (0, CHUNK_FRAMES - count))), count


def _loud(sound: Samples) -> bool:
    return not sound.shape[1] or bool(np.abs(sound).max() >= SILENCE)


def _trimmed(ringing: Samples, sample_rate: float) -> Samples:
    heard = np.flatnonzero(np.abs(ringing).max(axis=0) >= SILENCE)
    if not heard.size or heard[-1] < _SHORTEST_TAIL_S * sample_rate:
        return ringing[:, :0]
    last = int(heard[-1]) + 1
    fade = min(int(_FADE_S * sample_rate), ringing.shape[1] - last)
    kept = ringing[:, : last + fade].copy()
    if fade:
        kept[:, last:] *= np.linspace(1, 0, fade, endpoint=False, dtype=np.float32)
    return kept
