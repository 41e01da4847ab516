"""Impulse responses of a preset, and WAV files that hold them to the last bit."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from dsp.chain import Chain
from dsp.render_graph import total_impulse_response
from dsp.reverb import Reverb
from text2fx_studio.export.stages import linear_part


def room(chain: Chain, sample_rate_hz: int) -> NDArray[np.float64]:
    """The wet room alone, shape [2, L], L 0 where there is none."""
    return chain.impulse_response(sample_rate_hz)


def room_with_dry(chain: Chain, sample_rate_hz: int) -> NDArray[np.float64]:
    """The room with the direct sound at its start, shape [2, L]; equalizer and gain left out."""
    found = chain.get(Reverb)
    return total_impulse_response(Chain((found,) if found is not None else ()), sample_rate_hz)


def whole(chain: Chain, sample_rate_hz: int) -> NDArray[np.float64]:
    """Equalizer, room, gain and direct sound as one, shape [1 or 2, L]."""
    return total_impulse_response(linear_part(chain), sample_rate_hz)


def has_room(chain: Chain) -> bool:
    """Whether the chain adds a room that is heard."""
    found = chain.get(Reverb)
    return found is not None and not found.is_neutral()


def wav_bytes(samples: NDArray[np.floating], sample_rate_hz: int) -> bytes:
    """A WAV file of 32-bit floats; the same samples give the same bytes.

    (libsndfile writes the time of day into float files.)

    Args:
        samples: Shape [channels, L], not clipped.
        sample_rate_hz: In the header.
    """
    channels = samples.shape[0]
    data = np.ascontiguousarray(samples.T, dtype="<f4").tobytes()
    block = channels * 4
    shape = struct.pack(
        "<HHIIHHH", 3, channels, sample_rate_hz, sample_rate_hz * block, block, 32, 0
    )
    body = (
        b"WAVE"
        + _chunk(b"fmt ", shape)
        + _chunk(b"fact", struct.pack("<I", samples.shape[1]))
        + _chunk(b"data", data)
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
