"""Plugins that are heard while playing: what they do, how they stay in step and how they fail."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from dsp.seam import DelayLine, join
from tests.plugins.conftest import noise, zam
from tests.plugins.fake_plugin import make_bundle
from text2fx_studio.playback import FakeOutput
from text2fx_studio.player import RACK_AHEAD_S, Player, State
from text2fx_studio.plugins import lane, library
from text2fx_studio.plugins.hosted import HostedPlugin
from text2fx_studio.plugins.rack import Rack

RATE = 48_000
CHAIN = Chain(
    (
        Equalizer({"bell_3_gain_db": 6.0, "bell_3_frequency_hz": 650.0}),
        Reverb({"wet_db": -12.0, "t60_s": 0.4}),
    )
)
ROOM_FREE = Chain((Equalizer(), Reverb()))


def hosted(name, place="after", **values):
    """A plugin of this machine with these settings."""
    info = library.find(str(zam(name)))
    with library.open_plugin(info) as host:
        host.set(values)
        state = host.state()
    return HostedPlugin(info.name, info.identifier, place=place, path=info.path, state=state)


def tone(seconds, hz=500.0, level=0.25):
    t = np.arange(round(seconds * RATE)) / RATE
    return np.tile((level * np.sin(2 * np.pi * hz * t)).astype(np.float32), (2, 1))


def wait_until(condition, patience_s=30.0):
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


@pytest.fixture
def make_player(tmp_path):
    made = []

    def make(sound, rate=RATE):
        path = tmp_path / "sound.wav"
        soundfile.write(path, sound.T, rate, subtype="FLOAT")
        told = []
        player = Player(
            path, opener=lambda fill, hz: FakeOutput(fill, hz, keep=True), on_error=told.append
        )
        player.told = told
        made.append(player)
        return player

    yield make
    for player in made:
        player.close()


def prepare(player, state):
    player.set_state(state)
    wait_until(lambda: player.rack_settled and player._response is not None)


def hear(player, seconds):
    start = player.ring.read
    wait_until(lambda: player.ring.read >= start + seconds * player.output.sample_rate)


def level_db(sound):
    return 20 * np.log10(np.sqrt(2) * np.sqrt(np.mean(np.square(sound))))


def roughness(sound):
    """Largest second difference: a smooth tone has little, a click much."""
    return float(np.abs(np.diff(sound, n=2, axis=0)).max())


SMOOTH = 3.0 * 0.5 * (2 * np.pi * 500 / RATE) ** 2  # of a 500 Hz tone of twice the level


def null_db(played, rendered):
    """Residual of what was played beside the render, at the shift that fits best."""
    first = int(np.flatnonzero(np.abs(played).max(axis=1))[0])
    heard = played[first + 2048 : first + 2048 + RATE].T  # after the fade-in
    size = 1 << 18
    spectra = np.fft.rfft(heard[0], size) * np.conj(np.fft.rfft(rendered[0], size))
    shift = int(np.argmax(np.fft.irfft(spectra, size)))
    begin = -(shift - size if shift > size // 2 else shift)
    same = rendered[:, begin : begin + heard.shape[1]]
    return 10 * np.log10(np.square(heard - same).sum() / np.square(same).sum())


@pytest.mark.parametrize(
    "names",
    [(("ZamEQ2", "before"),), (("ZamDelay", "before"), ("ZaMaximX2", "after"))],
    ids=["one before", "before and after, with latency"],
)
def test_what_is_played_is_what_is_rendered(make_player, names):
    plugins = tuple(hosted(name, place) for name, place in names)
    sound = noise(2, 3 * RATE)
    player = make_player(sound)
    prepare(player, State(CHAIN, wet=True, plugins=plugins))
    player.play()
    hear(player, 1.8)
    player.stop()
    with Rack(plugins) as rack:
        rendered = rack.process(sound, RATE, CHAIN)
    if player.underflows == 0 and not any(one._late for one in player._rack._lanes):
        assert null_db(player.output.sound(), rendered) < -110
    assert player.told == []


def test_dry_and_wet_stay_in_step_with_a_plugin_that_looks_ahead(make_player):
    player = make_player(noise(2, 3 * RATE))
    prepare(player, State(ROOM_FREE, plugins=(hosted("ZaMaximX2"),)))
    player.play()
    hear(player, 0.6)
    dry, wet = player.tap()
    together = np.correlate(wet[600:-600], dry, "valid")
    assert int(np.argmax(np.abs(together))) == 600
    assert player._rack.delay_frames == 480
    ahead_s = player.latency_s - player.output.latency_s
    assert RACK_AHEAD_S <= ahead_s < RACK_AHEAD_S + 0.04


def test_a_turned_knob_arrives_without_a_click(make_player):
    plugin = hosted("ZamEQ2")
    player = make_player(tone(8.0))
    prepare(player, State(ROOM_FREE, wet=True, plugins=(plugin,)))
    player.play()
    hear(player, 0.4)
    louder = hosted("ZamEQ2", master_gain=6.0)
    player.set_state(State(ROOM_FREE, wet=True, plugins=(louder,)))
    hear(player, 0.6)
    assert level_db(player.output.sound()[-9600:]) == pytest.approx(level_db(tone(1)) + 6, abs=0.1)
    player.preview_plugin(0, "master_gain", 0.5)
    player.set_state(State(ROOM_FREE, wet=True, plugins=(replace(louder, enabled=False),)))
    hear(player, 0.5)
    assert level_db(player.output.sound()[-9600:]) == pytest.approx(level_db(tone(1)), abs=0.1)
    player.stop()
    wait_until(lambda: player.ring.idle and player.ring.waiting == 0)
    if player.underflows == 0:  # a busy machine may starve the feeding thread
        assert roughness(player.output.sound()) < 4 * SMOOTH


def test_plugins_come_go_and_change_places_without_a_click(make_player):
    one, two = hosted("ZamEQ2", master_gain=-6.0), hosted("ZaMaximX2")
    player = make_player(tone(12.0))
    prepare(player, State(ROOM_FREE, wet=True))
    player.play()
    hear(player, 0.3)
    for plugins in ((one,), (one, two), (replace(two, place="before"), one), (one,), ()):
        player.set_state(State(ROOM_FREE, wet=True, plugins=plugins))
        wait_until(lambda: player.rack_settled)
        hear(player, 0.6)
    assert player._rack.delay_frames == 0
    assert level_db(player.output.sound()[-9600:]) == pytest.approx(level_db(tone(1)), abs=0.1)
    player.seek(1.0)
    hear(player, 0.3)
    player.stop()
    wait_until(lambda: player.ring.idle and player.ring.waiting == 0)
    if player.underflows == 0:
        assert roughness(player.output.sound()) < 4 * SMOOTH


def test_a_crash_is_bypassed_told_and_forgiven(make_player):
    plugin = hosted("ZamEQ2", master_gain=-6.0)
    player = make_player(tone(8.0))
    state = State(ROOM_FREE, wet=True, plugins=(plugin,))
    prepare(player, state)
    player.play()
    hear(player, 0.3)
    os.kill(player._rack._lanes[0]._process._process.pid, signal.SIGKILL)
    wait_until(lambda: player.told)
    assert player.told == ["ZamEQ2 is bypassed while playing: crashed (SIGKILL)"]
    hear(player, 0.4)
    assert level_db(player.output.sound()[-9600:]) == pytest.approx(level_db(tone(1)), abs=0.1)
    player.stop()
    wait_until(lambda: player.ring.idle and player.ring.waiting == 0)
    if player.underflows == 0:
        assert roughness(player.output.sound()) < 4 * SMOOTH
    player.play()  # it gets another chance
    hear(player, 0.1)
    wait_until(lambda: player._rack._lanes[0].loaded)
    hear(player, 0.5)
    assert level_db(player.output.sound()[-4800:]) == pytest.approx(level_db(tone(1)) - 6, abs=0.1)


def test_a_hanging_plugin_does_not_stop_the_sound(make_player, monkeypatch):
    monkeypatch.setattr(lane, "HUNG_S", 0.5)
    player = make_player(tone(8.0))
    prepare(player, State(ROOM_FREE, wet=True, plugins=(hosted("ZamEQ2", master_gain=-6.0),)))
    player.play()
    hear(player, 0.3)
    os.kill(player._rack._lanes[0]._process._process.pid, signal.SIGSTOP)
    wait_until(lambda: player.told)
    assert player.told == [
        "ZamEQ2 is bypassed while playing: did not answer within 0.5 s and was stopped"
    ]
    hear(player, 0.3)
    assert level_db(player.output.sound()[-9600:]) == pytest.approx(level_db(tone(1)), abs=0.1)


def test_missing_and_crashing_plugins_leave_the_sound_as_it_is(make_player, tmp_path, monkeypatch):
    monkeypatch.setenv("TEXT2FX_PLUGIN_PATH", str(tmp_path))
    bundle = make_bundle(tmp_path, "Boom", "crash")
    boom = HostedPlugin("Boom", "B" * 32, path=str(bundle))
    gone = HostedPlugin("Gone", "A" * 32, place="before")
    player = make_player(tone(4.0))
    prepare(player, State(ROOM_FREE, wet=True, plugins=(gone, boom)))
    player.play()
    hear(player, 0.4)
    told = " ".join(sorted(player.told))
    assert "Boom is bypassed while playing" in told
    assert "Gone is bypassed while playing: plugin Gone" in told
    assert "is not installed here" in told
    assert level_db(player.output.sound()[-9600:]) == pytest.approx(level_db(tone(1)), abs=0.1)
    count = sum("Gone" in message for message in player.told)
    player.stop()
    hear(player, 0.1)
    player.play()
    hear(player, 0.3)
    assert sum("Gone" in message for message in player.told) == count


@pytest.mark.parametrize(("rate", "channels"), [(16_000, 1), (96_000, 2)])
def test_other_rates_and_mono(make_player, rate, channels):
    t = np.arange(4 * rate) / rate
    sound = np.tile((0.25 * np.sin(2 * np.pi * 500 * t)).astype(np.float32), (channels, 1))
    player = make_player(sound, rate)
    prepare(player, State(ROOM_FREE, wet=True, plugins=(hosted("ZamEQ2", master_gain=-6.0),)))
    player.play()
    hear(player, 0.8)
    heard = player.output.sound()[-rate // 4 :]
    assert level_db(heard) == pytest.approx(level_db(tone(1)) - 6, abs=0.1)


def test_the_end_waits_for_what_rings(make_player):
    sound = np.zeros((2, RATE // 2), dtype=np.float32)
    sound[:, -2000:] = noise(2, 2000)
    player = make_player(sound)
    prepare(player, State(ROOM_FREE, wet=True, plugins=(hosted("ZamDelay"),)))
    player.play()
    wait_until(lambda: player.ended)
    wait_until(lambda: player.ring.idle and player.ring.waiting == 0)
    rung = np.flatnonzero(np.abs(player.output.sound()).max(axis=1) > 1e-4)
    assert rung[-1] - rung[0] > 0.15 * RATE


def test_a_delay_line_follows_and_fades():
    sound = tone(1.0)
    line = DelayLine(2, 1024)
    blocks = [sound[:, i : i + 1024] for i in range(0, 40 * 1024, 1024)]
    delays = [0] * 10 + [700] * 15 + [5000] * 15
    out = np.concatenate([line.process(b, d) for b, d in zip(blocks, delays, strict=True)], axis=1)
    np.testing.assert_array_equal(out[:, : 10 * 1024], sound[:, : 10 * 1024])
    np.testing.assert_array_equal(
        out[:, 12 * 1024 : 25 * 1024], sound[:, 12 * 1024 - 700 : 25 * 1024 - 700]
    )
    np.testing.assert_array_equal(
        out[:, 26 * 1024 :], sound[:, 26 * 1024 - 5000 : -5000][:, : 14 * 1024]
    )
    assert roughness(out.T) < 4 * SMOOTH


def test_a_join_takes_up_where_the_sound_broke_off():
    before, after = tone(0.1, 300.0, 0.9), tone(0.1, 800.0, 0.5)[:, 37:]
    whole = np.concatenate((before, join(before[:, -2:], after)), axis=1)
    apart = np.concatenate((before, after), axis=1)
    assert roughness(whole.T) < 0.02 < roughness(apart.T)
    np.testing.assert_array_equal(whole[:, before.shape[1] + 256 :], after[:, 256:])
