"""Playing without a sound card: what comes out, and that no switch clicks."""

from __future__ import annotations

import sys
import time

import numpy as np
import pytest
import soundfile

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.live import LiveChain, Response
from dsp.render import render_array
from dsp.reverb import Reverb
from text2fx_studio import playback
from text2fx_studio.errors import PlaybackError
from text2fx_studio.playback import FakeOutput, Ring, list_devices, open_output
from text2fx_studio.player import Player, State

RATE = 48_000
BOOST = Chain((Equalizer({"bell_3_gain_db": 6.0, "bell_3_frequency_hz": 650.0}), Reverb()))
ROOM = Chain((Equalizer({"low_shelf_gain_db": 4.0}), Reverb({"wet_db": -6.0, "t60_s": 0.4})))


def tone(seconds, hz=500.0, level=0.25):
    t = np.arange(round(seconds * RATE)) / RATE
    return np.tile((level * np.sin(2 * np.pi * hz * t)).astype(np.float32), (2, 1))


@pytest.fixture
def player(tmp_path):
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(4.0).T, RATE, subtype="FLOAT")
    made = Player(path, opener=lambda fill, rate: FakeOutput(fill, rate, keep=True))
    yield made
    made.close()


def wait_until(condition, patience_s=15.0):
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def hear(player, seconds):
    start = player.ring.read
    wait_until(lambda: player.ring.read >= start + seconds * RATE)


def roughness(sound):
    """Largest second difference: a smooth tone has little, a click much."""
    return float(np.abs(np.diff(sound, n=2, axis=0)).max())


SMOOTH = 3.0 * 0.5 * (2 * np.pi * 500 / RATE) ** 2  # of a 500 Hz tone of twice the level


@pytest.mark.parametrize("chain", [BOOST, ROOM])
def test_what_is_heard_is_what_is_rendered(chain):
    rng = np.random.default_rng(3)
    sound = (0.1 * rng.standard_normal((2, 1024 * 60))).astype(np.float32)
    response = Response(chain, RATE, 2, 1024)
    live = LiveChain(2, 1024)
    live.process(np.zeros((2, 1024), np.float32), response)
    heard = np.concatenate(
        [live.process(sound[:, i : i + 1024], response) for i in range(0, sound.shape[1], 1024)], 1
    )
    rendered = render_array(sound, RATE, chain, tail=False)
    null = np.square(heard - rendered).sum() / np.square(rendered).sum()
    assert 10 * np.log10(null) < -110


def test_a_room_that_changes_in_level_only_is_scaled_not_designed_anew():
    louder = ROOM.replace(ROOM.get(Reverb).replace(wet_db=0.0))
    before = Response(ROOM, RATE, 2, 1024)
    scaled = Response(louder, RATE, 2, 1024, before)
    np.testing.assert_allclose(scaled.room, Response(louder, RATE, 2, 1024).room, atol=1e-6)
    assert Response(ROOM, RATE, 2, 1024, before).room is before.room


def test_a_turned_knob_does_not_click_and_arrives():
    sound = tone(1.0)
    live = LiveChain(2, 1024)
    out = []
    for i in range(0, 40 * 1024, 1024):
        gain = 0.0 if i < 20 * 1024 else 12.0
        chain = Chain((Equalizer({"bell_3_gain_db": gain, "bell_3_frequency_hz": 500.0}),))
        out.append(live.process(sound[:, i : i + 1024], Response(chain, RATE, 2, 1024)))
    heard = np.concatenate(out, axis=1)[0]
    late, early = heard[36 * 1024 :], heard[10 * 1024 : 18 * 1024]
    assert 20 * np.log10(late.max() / early.max()) == pytest.approx(12.0, abs=0.05)
    assert roughness(heard[1024:]) < 4 * SMOOTH


def test_a_b_stop_seek_and_loop_are_smooth(player):
    player.set_state(State(BOOST))
    wait_until(lambda: player._response is not None)
    player.play()
    hear(player, 0.2)
    player.set_state(State(BOOST, wet=True))
    hear(player, 0.2)
    player.seek(2.0)
    hear(player, 0.2)
    assert 2.0 < player.position_s() < 3.0
    player.set_state(State(BOOST, wet=True, loop_s=(1.0, 1.25)))
    player.seek(1.1)
    hear(player, 0.7)
    assert 1.0 <= player.position_s() <= 1.3
    player.set_state(State(BOOST, wet=False, loop_s=(1.0, 1.25)))
    hear(player, 0.1)
    player.stop()
    wait_until(lambda: player.ring.idle and player.ring.waiting == 0)
    heard = player.output.sound()
    assert np.abs(heard).max() > 0.4  # the boost at 500 Hz was heard
    if player.underflows == 0:  # a busy machine may starve the feeding thread
        assert roughness(heard) < 4 * SMOOTH


def test_level_matching_turns_the_shaped_side(player):
    player.set_state(State(Chain(), wet=True, match_db=-6.0))
    wait_until(lambda: player._response is not None)
    player.play()
    hear(player, 0.4)
    heard = player.output.sound()[-4096:]
    assert 20 * np.log10(np.abs(heard).max() / 0.25) == pytest.approx(-6.0, abs=0.1)


def test_it_stops_by_itself_at_the_end_and_starts_over(player):
    player.seek(3.9)
    player.play()
    wait_until(lambda: player.ended)
    assert not player.playing
    player.play()
    hear(player, 0.1)
    assert player.position_s() < 1.0


@pytest.mark.parametrize("channels", [1, 6])
def test_mono_and_surround_play_on_two_speakers(tmp_path, channels):
    path = tmp_path / "wide.wav"
    soundfile.write(path, np.tile(tone(1.0)[:1].T, (1, channels)), RATE, subtype="FLOAT")
    made = Player(path, opener=lambda fill, rate: FakeOutput(fill, rate, keep=True))
    try:
        made.play()
        hear(made, 0.3)
        heard = made.output.sound()
        np.testing.assert_array_equal(heard[:, 0], heard[:, 1])
        assert np.abs(heard).max() == pytest.approx(0.25, abs=0.01)
    finally:
        made.close()


def test_a_device_of_another_rate_plays_at_the_right_pitch(tmp_path):
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(2.0).T, RATE, subtype="FLOAT")
    made = Player(path, opener=lambda fill, rate: FakeOutput(fill, 44_100, keep=True))
    try:
        made.play()
        hear(made, 0.6)
        heard = made.output.sound()[-16_384:, 0] * np.hanning(16_384)
        peak = np.abs(np.fft.rfft(heard)).argmax() * 44_100 / 16_384
        assert peak == pytest.approx(500.0, abs=3.0)
    finally:
        made.close()


def test_the_ring_wraps_counts_and_stays_silent_when_empty():
    ring = Ring(100)
    ring.idle = False
    out = np.ones((64, 2), dtype=np.float32)
    for _ in range(5):
        block = np.random.default_rng(1).random((64, 2)).astype(np.float32)
        ring.write(block)
        ring.fill(out, 64, False)
        np.testing.assert_array_equal(out, block)
    assert ring.underflows == 0
    ring.fill(out, 64, False)
    assert ring.underflows == 1
    assert not out.any()


def test_without_portaudio_playback_is_off_and_says_why(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(PlaybackError, match="PortAudio is not installed"):
        list_devices()
    with pytest.raises(PlaybackError, match="all else works"):
        open_output(lambda *_: None, RATE)


class _Card:
    """As much of sounddevice as is used."""

    class PortAudioError(Exception):
        pass

    class default:
        device = (-1, 1)

    refused = ()

    @classmethod
    def query_devices(cls, device=None, kind=None):
        both = [
            {"name": "Microphone", "max_output_channels": 0, "default_samplerate": 44_100.0},
            {"name": "Speakers", "max_output_channels": 2, "default_samplerate": 44_100.0},
        ]
        if kind is None:
            return both
        if device not in (None, 1):
            raise ValueError("no such device")
        return both[1]

    class OutputStream:
        latency = 0.011

        def __init__(self, samplerate, callback, **options):
            if samplerate in _Card.refused:
                raise _Card.PortAudioError("Invalid sample rate")
            self.callback, self.samplerate = callback, samplerate

        def start(self):
            pass

        def close(self):
            pass


def test_a_card_is_opened_at_the_files_rate_or_at_its_own(monkeypatch):
    monkeypatch.setattr(playback, "_sounddevice", lambda: _Card)
    (device,) = list_devices()
    assert (device.name, device.is_default) == ("Speakers", True)
    assert open_output(lambda *_: None, 96_000).sample_rate == 96_000
    monkeypatch.setattr(_Card, "refused", (96_000,))
    assert open_output(lambda *_: None, 96_000).sample_rate == 44_100
    with pytest.raises(PlaybackError, match="no output device"):
        open_output(lambda *_: None, 48_000, device=7)
