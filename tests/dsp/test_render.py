"""Rendered sound against the chain computed in float64, and pieces against the whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import fftconvolve, sosfilt

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.errors import AudioContentError, AudioFileError
from dsp.gain import Gain
from dsp.parameters import Parameter
from dsp.render import render_array
from dsp.render_graph import CHUNK_FRAMES, ChainStream, equalizer_impulse_response
from dsp.reverb import Reverb

EQ = Equalizer(
    {
        "high_pass_frequency_hz": 35.0, "low_shelf_gain_db": 6.0, "low_shelf_frequency_hz": 60.0,
        "bell_1_gain_db": -9.0, "bell_1_q": 4.0, "bell_3_gain_db": 12.0, "bell_5_gain_db": -5.0,
        "high_shelf_gain_db": 6.0, "low_pass_frequency_hz": 15_000.0,
    }
)  # fmt: skip
ROOM = Reverb({"wet_db": -3.0, "t60_s": 0.4})


def noise(channels: int, frames: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (0.2 * rng.standard_normal((channels, frames))).astype(np.float32)


def reference(audio: np.ndarray, rate: int, chain: Chain) -> np.ndarray:
    """The chain in float64, full tail: biquads one by one, the room by FFT, channels L R L R …"""
    wet = chain.impulse_response(rate)
    sound = np.pad(audio.astype(np.float64), ((0, 0), (0, wet.shape[1])))
    sections = chain.sections(rate)
    if len(sections):
        sound = sosfilt(sections, sound, axis=1)
    result = sound.copy()
    if wet.shape[1]:
        for channel in range(len(audio)):
            room = fftconvolve(sound[channel], wet[channel % 2])
            result[channel] += room[: sound.shape[1]]
    return np.asarray(result * 10 ** (chain.gain_db() / 20))


def null_db(got: np.ndarray, wanted: np.ndarray) -> float:
    count = min(got.shape[1], wanted.shape[1])
    error = got[:, :count] - wanted[:, :count]
    return float(10 * np.log10(np.mean(error**2) / np.mean(wanted[:, :count] ** 2) + 1e-30))


def setting(parameter: Parameter) -> st.SearchStrategy[float]:
    return st.floats(0, 1).map(parameter.from_unit)


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    eq = {p.name: draw(setting(p)) for p in Equalizer.parameters}
    room = {p.name: draw(setting(p)) for p in Reverb.parameters}
    room["t60_s"] = min(room["t60_s"], 0.5)
    effects = [
        Equalizer(eq, draw(st.booleans())),
        Reverb(room, draw(st.booleans())),
        Gain({"gain_db": draw(st.floats(-24, 24))}, draw(st.booleans())),
    ]
    return Chain(tuple(draw(st.permutations(effects))))


@pytest.mark.parametrize("rate", [8000, 44_100, 192_000])
@pytest.mark.parametrize("channels", range(1, 9))
def test_equalizer_nulls_against_float64(rate: int, channels: int) -> None:
    chain = Chain((EQ, Gain({"gain_db": -3.0})))
    audio = noise(channels, rate // 4)
    got = render_array(audio, rate, chain)
    assert got.shape == audio.shape
    assert null_db(got, reference(audio, rate, chain)) < -115


@pytest.mark.parametrize("rate", [8000, 44_100])
@pytest.mark.parametrize("channels", [1, 2, 3, 8])
def test_reverb_nulls_against_float64(rate: int, channels: int) -> None:
    chain = Chain((EQ, ROOM))
    audio = noise(channels, rate // 4)
    got = render_array(audio, rate, chain)
    wanted = reference(audio, rate, chain)
    assert null_db(got, wanted) < -105  # the tail's fade is part of it
    dry = reference(audio, rate, Chain((EQ,)))
    room_alone = wanted - np.pad(dry, ((0, 0), (0, wanted.shape[1] - dry.shape[1])))
    error = got - wanted[:, : got.shape[1]]
    assert 10 * np.log10(np.mean(error**2) / np.mean(room_alone**2)) < -100


@settings(max_examples=20, deadline=None)
@given(
    chain=chains(),
    rate=st.sampled_from([8000, 44_100, 192_000]),
    channels=st.integers(1, 8),
    frames=st.integers(1, 3000),
    seed=st.integers(0, 99),
)
def test_any_setting_nulls(chain: Chain, rate: int, channels: int, frames: int, seed: int) -> None:
    audio = noise(channels, frames, seed)
    got = render_array(audio, rate, chain)
    assert got.dtype == np.float32
    assert got.shape[1] >= frames
    wanted = reference(audio, rate, chain)
    # A deep cut leaves little: the error is measured against the larger of dry and result.
    count = min(got.shape[1], wanted.shape[1])
    error = np.abs(got[:, :count] - wanted[:, :count]).max()
    assert error < 1e-4 * max(np.abs(wanted).max(), np.abs(audio).max())


@pytest.mark.parametrize("chain", [Chain((EQ,)), Chain((EQ, ROOM))], ids=["eq", "eq,reverb"])
def test_pieces_are_the_whole(chain: Chain) -> None:
    audio = noise(3, 150_000)
    whole = render_array(audio, 8000, chain)
    assert null_db(whole, reference(audio, 8000, chain)) < -105  # no seam anywhere
    for size in (1000, 7777, CHUNK_FRAMES, 100_000):
        pieces = (audio[:, i : i + size] for i in range(0, audio.shape[1], size))
        joined = np.concatenate(list(ChainStream(chain, 8000, 3).run(pieces)), axis=1)
        assert joined.shape == whole.shape
        assert np.array_equal(joined, whole)


def test_a_neutral_chain_is_an_exact_copy() -> None:
    audio = noise(2, 70_000)
    off = Chain((Equalizer(EQ.values, enabled=False), Reverb(ROOM.values, enabled=False)))
    for chain in (Chain(), Chain.parse("eq,reverb,gain"), off):
        got = render_array(audio, 44_100, chain)
        assert np.array_equal(got.view(np.int32), audio.view(np.int32))
        assert got is not audio


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_the_shortest_responses(channels: int) -> None:
    audio = noise(channels, 100)
    chain = Chain((Gain({"gain_db": 6.0}),))
    assert null_db(render_array(audio, 8000, chain), 10**0.3 * audio.astype(np.float64)) < -115


def test_mono_stays_mono_and_is_the_left_of_stereo() -> None:
    audio = noise(1, 5000)
    chain = Chain((EQ, ROOM))
    mono = render_array(audio, 44_100, chain)
    stereo = render_array(audio.repeat(2, axis=0), 44_100, chain)
    assert mono.shape[0] == 1
    count = min(mono.shape[1], stereo.shape[1])
    assert null_db(mono[:, :count], stereo[:1, :count].astype(np.float64)) < -100
    assert null_db(stereo[1:], stereo[:1].astype(np.float64)) > -20  # the room is wide


def test_the_tail_rings_out_and_ends_in_silence() -> None:
    audio = np.zeros((2, 2000), dtype=np.float32)
    audio[:, 1999] = 0.5
    chain = Chain((ROOM,))
    got = render_array(audio, 44_100, chain)
    wanted = reference(audio, 44_100, chain)
    assert 2000 < got.shape[1] < wanted.shape[1]
    assert np.abs(wanted[:, got.shape[1] :]).max() < 2**-16
    assert np.abs(got[:, -1]).max() < 2**-20
    assert np.abs(got - wanted[:, : got.shape[1]]).max() < 2**-16
    short = render_array(audio, 44_100, chain, tail=False)
    assert np.array_equal(short, got[:, :2000])


def test_silence_stays_silence_without_a_tail() -> None:
    audio = np.zeros((2, 3000), dtype=np.float32)
    assert np.array_equal(render_array(audio, 44_100, Chain((EQ, ROOM))), audio)


@pytest.mark.parametrize("q", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("gain_db", [-18.0, 18.0])
@pytest.mark.parametrize("rate", [8000, 192_000])
def test_nothing_of_the_equalizer_is_cut_off(q: float, gain_db: float, rate: int) -> None:
    values = {"bell_1_frequency_hz": 20.0, "bell_1_gain_db": gain_db, "bell_1_q": q}
    values |= {"bell_2_frequency_hz": 20.0, "bell_2_gain_db": gain_db, "bell_2_q": q}
    sections = Chain((Equalizer(values),)).sections(rate)
    response = equalizer_impulse_response(sections)
    assert len(response) < 2**20
    long = np.zeros(2**20)
    long[0] = 1
    whole = sosfilt(sections, long)
    rest = np.sum(whole[len(response) :] ** 2) / np.sum(whole**2)
    assert 10 * np.log10(rest + 1e-30) < -135


@pytest.mark.parametrize(
    ("audio", "rate", "error", "words"),
    [
        (np.zeros((2, 0)), 44_100, AudioContentError, "at least one sample"),
        (np.zeros(10), 44_100, AudioContentError, "shape"),
        (np.full((1, 10), np.nan), 44_100, AudioContentError, "NaN"),
        (np.full((1, 10), np.inf), 44_100, AudioContentError, "NaN or Inf"),
        (np.zeros((9, 10)), 44_100, AudioFileError, "1 to 8"),
        (np.zeros((1, 10)), 4000, AudioFileError, "8000 to 192000"),
    ],
)
def test_bad_arrays(audio: np.ndarray, rate: int, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        render_array(audio.astype(np.float32), rate, Chain((EQ,)))
