"""Transport, loop, A/B and snapshots: what their buttons and keys do."""

from __future__ import annotations

from PySide6.QtCore import QObject

from dsp.overview import Overview
from text2fx_studio.session import SNAPSHOTS, Snapshot
from ui.models.document import Content
from ui.shell.parts import Parts
from ui.tasks.listening import Output, still_spectra

_SMALLEST_LOOP_S = 0.05


class ListenCommands(QObject):
    """Binds what is heard to what is seen."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        self._loop_on = False
        listening, sound, top = parts.listening, parts.sound, parts.top
        sound.play.play_toggled.connect(lambda _: self.play())
        sound.play.loop_toggled.connect(self.set_loop_on)
        sound.play.seek_requested.connect(listening.seek)
        sound.play.loop_typed.connect(self.set_loop)
        sound.waveform.seek_requested.connect(listening.seek)
        sound.waveform.loop_changed.connect(self.set_loop)
        top.ab.wet_chosen.connect(self.hear)
        top.ab.matching_toggled.connect(self.set_matching)
        for bar in (parts.card.snapshots,):
            bar.stored.connect(self.store)
            bar.recalled.connect(self.recall)
            bar.emptied.connect(self.empty)
        listening.moved.connect(self._moved)
        listening.playing_changed.connect(self._playing_changed)
        listening.match_changed.connect(top.ab.set_offset_lu)
        listening.available.connect(self._output)
        listening.spectra.connect(lambda f, dry, wet: parts.eq.set_spectra(f, dry, wet))
        listening.failed.connect(parts.status.warn)
        parts.recording.seen.connect(self._seen)
        parts.document.changed.connect(self._follow)
        self.set_matching(parts.store.settings.level_match)
        top.ab.set_matching(parts.store.settings.level_match)

    def play(self) -> None:
        """Play or stop."""
        self._parts.listening.toggle()

    def rewind(self) -> None:
        """Back to the start of the loop, or of the recording."""
        loop = self._parts.document.content.loop_s if self._loop_on else None
        self._parts.listening.seek(loop[0] if loop else 0.0)

    def hear(self, wet: bool) -> None:
        """A or B."""
        self._parts.listening.set_wet(wet)
        self._parts.top.ab.set_wet(wet)
        self._parts.sound.waveform.set_wet(wet)

    def set_matching(self, on: bool) -> None:
        """Equally loud, or as they are."""
        self._parts.listening.set_matching(on)
        self._parts.store.change(level_match=on)

    def toggle_loop(self) -> None:
        """Loop on or off."""
        self.set_loop_on(not self._loop_on)

    def set_loop_on(self, on: bool) -> None:
        """Stay inside the loop; without one, the whole recording is it."""
        info = self._parts.recording.info
        if info is None:
            return
        self._loop_on = on
        if on and self._parts.document.content.loop_s is None:
            self._parts.document.commit("Loop", loop_s=(0.0, info.seconds))
        self._parts.listening.set_loop_on(on)
        self._show_loop(self._parts.document.content)

    def set_loop(self, loop: tuple[float, float] | None) -> None:
        """Other ends, as one step; a new loop is switched on."""
        self._loop_on = loop is not None
        self._parts.document.commit("Loop", loop_s=loop)
        self._parts.listening.set_loop_on(self._loop_on)
        self._show_loop(self._parts.document.content)

    def mark_loop(self, *, start: bool) -> None:
        """Put one end of the loop where it plays."""
        info = self._parts.recording.info
        if info is None:
            return
        here = self._parts.listening.position_s
        first, last = self._parts.document.content.loop_s or (0.0, info.seconds)
        first, last = (here, last) if start else (first, here)
        if last <= first:
            first, last = (here, info.seconds) if start else (0.0, here)
        if last - first >= _SMALLEST_LOOP_S:
            self.set_loop((first, last))

    def store(self, index: int) -> None:
        """Keep what is heard in a snapshot."""
        content = self._parts.document.content
        snapshot = Snapshot(content.heard, content.plugins)
        kept = {**content.snapshots, SNAPSHOTS[index]: snapshot}
        self._parts.document.commit(f"Snapshot {SNAPSHOTS[index]}", snapshots=kept)
        self._parts.status.say(f"Kept in snapshot {SNAPSHOTS[index]}")

    def recall(self, index: int) -> None:
        """Hear a snapshot; it becomes the setting."""
        kept = self._parts.document.content.snapshots.get(SNAPSHOTS[index])
        if kept is not None:
            self._parts.document.commit(
                f"Recall snapshot {SNAPSHOTS[index]}", chain=kept.chain, amount=1.0,
                plugins=kept.plugins,
            )  # fmt: skip

    def press(self, index: int) -> None:
        """Recall a snapshot, or keep the setting where it is empty."""
        if SNAPSHOTS[index] in self._parts.document.content.snapshots:
            self.recall(index)
        else:
            self.store(index)

    def empty(self, index: int) -> None:
        """Empty a snapshot."""
        kept = dict(self._parts.document.content.snapshots)
        if kept.pop(SNAPSHOTS[index], None) is not None:
            self._parts.document.commit(f"Empty snapshot {SNAPSHOTS[index]}", snapshots=kept)

    # following

    def _moved(self, seconds: float) -> None:
        self._parts.sound.waveform.set_position_s(seconds)
        self._parts.sound.play.set_position_s(seconds)

    def _playing_changed(self, playing: bool) -> None:
        self._parts.sound.play.set_playing(playing)
        if not playing:
            self._still()

    def _output(self, output: Output | str) -> None:
        readout = self._parts.status.output
        if isinstance(output, str):
            readout.set_missing(output)
        else:
            readout.set_output(
                output.device, output.sample_rate, output.latency_ms, output.underflows,
                plugins=output.plugins,
            )  # fmt: skip

    def _seen(self, overview: Overview) -> None:
        self._parts.listening.set_overview(overview)
        self._still()

    def _follow(self, content: Content) -> None:
        self._parts.listening.set_content(content)
        self._show_loop(content)
        bar = self._parts.card.snapshots
        current = None
        for index, name in enumerate(SNAPSHOTS):
            kept = content.snapshots.get(name)
            bar.set_snapshot(index, "a kept setting" if kept is not None else "")
            if kept == Snapshot(content.heard, content.plugins):
                current = index
        bar.set_current(current)
        if not self._parts.listening.playing:
            self._still()

    def _show_loop(self, content: Content) -> None:
        self._parts.sound.waveform.set_loop(content.loop_s)
        self._parts.sound.play.set_loop(
            content.loop_s, on=self._loop_on and content.loop_s is not None
        )

    def _still(self) -> None:
        seen = self._parts.recording.overview
        if seen is not None:
            self._parts.eq.set_spectra(*still_spectra(seen, self._parts.document.content))
