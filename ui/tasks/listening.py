"""Listening: the player, kept in step with the document; positions and spectra for the views."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from dsp.chain import Chain
from dsp.level_match import loudness_change_db
from dsp.overview import Overview, smooth_power, spectrum_frequencies_hz
from text2fx_studio.errors import PlaybackError, Text2FXError
from text2fx_studio.jobs import Event
from text2fx_studio.playback import list_devices, open_output
from text2fx_studio.plugins.hosted import HostedPlugin
from ui.models.document import Content
from ui.tasks.engine_client import EngineClient
from ui.tasks.run_task import run_task

if TYPE_CHECKING:
    from text2fx_studio.player import Opener, Player

TICK_MS = 33
_MEASURE_AFTER_MS = 400  # of rest
_TAP = 4096
_FALL = 0.75  # of a live spectrum, a tick
_FLOOR = 1e-12


@dataclass(frozen=True)
class Output:
    """What plays.

    Attributes:
        device: Its name.
        sample_rate: In Hz.
        latency_ms: From a change to the card; longer with plugins in the rack.
        underflows: Gaps that were heard.
        plugins: Whether the rack is played.
    """

    device: str
    sample_rate: int
    latency_ms: float
    underflows: int
    plugins: bool = False


class Listening(QObject):
    """Owns the player of the open recording.

    Args:
        opener: Opens a device, for tests; the sound card by default.
    """

    available = Signal(object)  # Output, or a sentence why there is none
    playing_changed = Signal(bool)
    moved = Signal(float)  # position in seconds, while playing and after a seek
    spectra = Signal(object, object, object)  # frequencies_hz, dry dB, wet dB; while playing
    match_changed = Signal(float)  # gain of the wet side, LU
    failed = Signal(str)
    _stopped = Signal(str)

    def __init__(self, opener: Opener | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._opener = opener
        self._device = ""
        self._player: Player | None = None
        self._path: Path | None = None
        self._overview: Overview | None = None
        self._content = Content()
        self._wet = False
        self._matching = True
        self._match_db = 0.0
        self._rack_match: tuple[tuple[Chain, tuple[HostedPlugin, ...]], float] | None = None
        self._asked = 0  # a measurement that is under way
        self._clerk: EngineClient | None = None
        self._measuring = QTimer(self, singleShot=True, interval=_MEASURE_AFTER_MS)
        self._measuring.timeout.connect(self._measure)
        self._loop_on = False
        self._start = False  # asked for before the player was there
        self._start_s = 0.0
        self._was_playing = False
        self._told: Output | None = None
        self._smooth: list[NDArray[np.float64]] = []
        self._generation = 0
        self._guard = threading.Lock()
        self._fresh: Player | None = None  # made, and not yet taken over on the GUI thread
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._stopped.connect(self.failed)

    # what the window asks

    @property
    def wet(self) -> bool:
        """Whether the shaped side is heard."""
        return self._wet

    @property
    def match_db(self) -> float:
        """Gain that the wet side gets for equal loudness, whether it is applied or not."""
        return self._match_db

    @property
    def playing(self) -> bool:
        """Whether sound runs."""
        return self._player is not None and self._player.playing

    @property
    def position_s(self) -> float:
        """Where it plays."""
        return self._player.position_s() if self._player is not None else self._start_s

    def set_device(self, name: str) -> None:
        """Use another device from the next recording on, and at once if one is open."""
        if name != self._device:
            self._device = name
            if self._path is not None:
                self.open(self._path)

    def open(self, path: Path) -> None:
        """Get ready to play a recording; says by ``available`` how it went."""
        self.close()
        self._path = path
        generation = self._generation
        opener = self._opener or self._card(self._device)

        def have(player: Player) -> None:
            if generation != self._generation:
                player.close()
                return
            self._player, self._fresh = player, None
            self._apply()
            self._tell_output()
            if self._start_s:
                player.seek(self._start_s)
            if self._start:
                self.toggle()

        def could_not(error: BaseException) -> None:
            if not isinstance(error, Text2FXError | OSError):
                raise error
            if generation == self._generation:
                self.available.emit(_short(error))

        def make() -> Player:
            from text2fx_studio.player import Player  # here: scipy is slow to load

            player = Player(path, opener=opener, on_error=self._say)
            with self._guard:
                wanted = generation == self._generation
                self._fresh = player if wanted else self._fresh
            if not wanted:  # closed meanwhile, perhaps with the window
                player.close()
            return player

        run_task(self, make, have, could_not)

    def close(self) -> None:
        """Stop and let go of the device."""
        with self._guard:
            self._generation += 1
            fresh, self._fresh = self._fresh, None
        player, self._player = self._player or fresh, None
        self._overview, self._path, self._told = None, None, None
        self._start, self._start_s = False, 0.0
        self._smooth = []
        self._timer.stop()
        self._measuring.stop()
        self._rack_match = None
        if self._clerk is not None:
            self._clerk.close()
            self._clerk.deleteLater()
            self._clerk = None
        self._note_playing()
        if player is not None:
            player.close()

    def set_overview(self, overview: Overview) -> None:
        """The recording's spectrum, from which the loudness of a setting is known at once."""
        self._overview = overview
        self._apply()

    def set_content(self, content: Content) -> None:
        """Play this from now on."""
        self._content = content
        self._apply()

    def set_wet(self, wet: bool) -> None:
        """Hear A (dry) or B (wet)."""
        self._wet = wet
        self._apply()

    def set_matching(self, on: bool) -> None:
        """Play A and B equally loud, or as they are."""
        self._matching = on
        self._apply()

    def set_loop_on(self, on: bool) -> None:
        """Whether playing stays inside the document's loop."""
        self._loop_on = on
        self._apply()

    def toggle(self) -> None:
        """Play, or stop; while the player is being made, play as soon as it is there."""
        if self._player is None:
            self._start = not self._start
            return
        if self._player.playing:
            self._player.stop()
        else:
            self._player.play()
            self._timer.start()
        self._note_playing()

    def play(self) -> None:
        """Play, and go on if it plays; while the player is being made, as soon as it is there."""
        if not (self.playing or self._start):
            self.toggle()

    def preview_plugin(self, index: int, parameter: str, raw: float) -> None:
        """Hear a plugin's parameter while its knob moves; index in signal order."""
        if self._player is not None:
            self._player.preview_plugin(index, parameter, raw)

    def seek(self, seconds: float) -> None:
        """Go elsewhere."""
        if self._player is not None:
            self._player.seek(seconds)
        else:
            self._start_s = seconds
        self.moved.emit(seconds)

    # inside

    def _card(self, name: str) -> Opener:
        def opener(fill: Callable[..., None], sample_rate: int) -> object:
            device = None
            if name:
                found = [d.id for d in list_devices() if d.name == name]
                device = found[0] if found else None  # it is unplugged: the system's choice
            return open_output(fill, sample_rate, device)

        return opener  # type: ignore[return-value]

    def _say(self, message: str) -> None:
        self._stopped.emit(message)  # from the player's thread

    def _apply(self) -> None:
        chain = self._content.heard
        rack = tuple(plugin for plugin in self._content.plugins if plugin.enabled)
        measured = self._rack_match
        if rack and measured is not None and measured[0] == (chain, rack):
            match = measured[1]
        elif rack and measured is not None:
            match = self._match_db  # as it was, until it has been measured
            self._measuring.start()
        elif (seen := self._overview) is not None:
            match = -loudness_change_db(chain, seen.frequencies_hz, seen.power, seen.sample_rate)
            if rack:
                self._measuring.start()
        else:
            match = 0.0
        if match != self._match_db:
            self._match_db = match
            self.match_changed.emit(match)
        if self._player is not None:
            from text2fx_studio.player import State

            self._player.set_state(
                State(
                    chain,
                    self._wet,
                    match if self._matching else 0.0,
                    self._content.loop_s if self._loop_on else None,
                    self._content.plugins,
                )
            )
            self._tell_output()

    def _measure(self) -> None:
        """How loud the rack makes it, in a process of its own: plugins have no formula."""
        content, path = self._content, self._path
        rack = tuple(plugin for plugin in content.plugins if plugin.enabled)
        if path is None or not rack:
            return
        if self._clerk is None:
            self._clerk = EngineClient(self)
        self._clerk.drop(self._asked)
        key = (content.heard, rack)

        def have(event: Event) -> None:
            if event.kind == "done" and self._path == path:
                self._rack_match = (key, -event.data["change_db"])
                self._apply()

        self._asked = self._clerk.submit(
            "rack_level", have, path=str(path), chain=content.heard.to_data(),
            plugins=[plugin.to_data() for plugin in rack],
        )  # fmt: skip

    def _tick(self) -> None:
        player = self._player
        if player is None:
            return
        self._note_playing()
        self.moved.emit(player.position_s())
        self._tell_output()
        if player.playing:
            self._tell_spectra(player)
        elif player.ring.idle:
            self._timer.stop()

    def _note_playing(self) -> None:
        if self.playing != self._was_playing:
            self._was_playing = self.playing
            self.playing_changed.emit(self._was_playing)

    def _tell_output(self) -> None:
        player = self._player
        if player is None:
            return
        now = Output(
            player.output.name,
            player.output.sample_rate,
            round(1000 * player.latency_s),
            player.underflows,
            player.plays_rack,
        )
        if now != self._told:
            self._told = now
            self.available.emit(now)

    def _tell_spectra(self, player: Player) -> None:
        levels = []
        window = np.hanning(_TAP)
        for index, tap in enumerate(player.tap()):
            power = np.abs(np.fft.rfft(tap[-_TAP:] * window)) ** 2 / float(np.sum(window**2))
            smooth = smooth_power(power, player.sample_rate)
            if len(self._smooth) > index:
                smooth = np.maximum(smooth, self._smooth[index] * _FALL)
                self._smooth[index] = smooth
            else:
                self._smooth.append(smooth)
            levels.append(10 * np.log10(smooth + _FLOOR))
        self.spectra.emit(spectrum_frequencies_hz(), levels[0], levels[1])


def still_spectra(
    overview: Overview, content: Content
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Spectra of the whole recording before and after, for when nothing plays.

    Returns:
        (frequencies_hz, dry dB, wet dB), each [241].
    """
    dry = 10 * np.log10(overview.power + _FLOOR)
    change = content.heard.frequency_response_db(overview.frequencies_hz, overview.sample_rate)
    return overview.frequencies_hz, dry, dry + change


def devices() -> list[str]:
    """Names of the output devices; empty without PortAudio."""
    try:
        return [device.name for device in list_devices()]
    except PlaybackError:
        return []


def _short(error: BaseException) -> str:
    """The first clause: a status line has little room."""
    return str(error).removeprefix("playback: ").removesuffix("; all else works")
