"""What the gallery draws: each scene makes one widget with sample data."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.views import gallery_data as data
from ui.views import gallery_pages
from ui.views.ab_switch import ABSwitch
from ui.views.eq_panel import EqPanel
from ui.views.frame import framed
from ui.views.output_readout import OutputReadout
from ui.views.panel import Panel
from ui.views.play_controls import PlayControls
from ui.views.prompt_bar import PromptBar
from ui.views.proposal_card import Proposal, ProposalCard
from ui.views.reverb_panel import ReverbPanel
from ui.views.snapshot_bar import SnapshotBar
from ui.views.waveform_view import WaveformView
from ui.views.why_panel import WhyPanel
from ui.views.word_map_panel import WordMapPanel


def _play() -> PlayControls:
    play = PlayControls()
    play.set_recording(data.DURATION_S)
    play.set_position_s(41.3)
    play.set_loop((32.0, 58.4))
    return play


def _wave(*, wet: bool) -> WaveformView:
    wave = WaveformView()
    wave.set_envelope(*data.envelope(), data.DURATION_S)
    wave.set_loop((32.0, 58.4))
    wave.set_position_s(41.3)
    wave.set_wet(wet)
    return wave


def waveform(*, wet: bool = False, height: int = 150) -> QWidget:
    """Waveform with its numbers."""
    panel = Panel()
    row = QHBoxLayout()
    row.setSpacing(12)
    row.addWidget(_play())
    row.addWidget(_wave(wet=wet), 1)
    panel.body.addLayout(row)
    return framed(panel, 1180, height)


def waveform_empty() -> QWidget:
    """Waveform without a recording."""
    return framed(WaveformView(), 700, 110)


def transport() -> QWidget:
    """What is heard, the snapshots, the sound card."""
    ab, snapshots, output = ABSwitch(), SnapshotBar(), OutputReadout()
    ab.set_offset_lu(-1.8)
    ab.set_wet(True)
    snapshots.set_snapshot(0, "warm, 82 %")
    snapshots.set_snapshot(1, "warm and close")
    snapshots.set_current(1)
    output.set_output("Built-in Output", 48_000, 11.0, 0)
    bar = QWidget()
    row = QHBoxLayout(bar)
    row.setSpacing(16)
    for part in (ab, snapshots):
        row.addWidget(part)
    row.addStretch(1)
    row.addWidget(output)
    return framed(bar, 900, 76)


def prompt(*, running: bool = False, width: int = 1180) -> QWidget:
    """The prompt's line."""
    bar = PromptBar()
    bar.field.set_prompt(data.PROMPT)
    bar.set_encoders(["fxsem", "laion"], "fxsem")
    bar.set_running(running)
    return framed(bar, width, 126)


def prompt_empty() -> QWidget:
    """Before a word is typed, with a message."""
    bar = PromptBar()
    bar.set_message("Open a recording first")
    bar.set_ready(False)
    return framed(bar, 900, 126)


def equalizer(*, table: bool = False, width: int = 860, height: int = 380) -> QWidget:
    """The equalizer in full dress."""
    panel = EqPanel()
    panel.set_chain(data.CHAIN)
    panel.set_ghost(data.GHOST)
    panel.set_spectra(*data.spectra())
    panel.view.set_passband_hz((30.0, 15_000.0))
    panel.view.select("bell_5")
    panel.show_table(table)
    ground = framed(panel, width, height)
    ground.setProperty("focused", panel.table if table else panel.view)
    return ground


def _card() -> ProposalCard:
    card = ProposalCard()
    card.snapshots.set_snapshot(0, "dry")
    card.snapshots.set_snapshot(1, "warm")
    card.snapshots.set_current(1)
    return card


def proposal_ready() -> QWidget:
    """A proposal on offer."""
    card = _card()
    card.set_proposal(
        Proposal(data.PROMPT, 0.21, 0.47, True,
                 data.EXPLANATION["confidence"]["verdict"], data.HISTORY, 0.8)
    )  # fmt: skip
    card.set_amount(0.82)
    card.set_wet_db(-14.0)
    return framed(card, 540, 300)


def proposal_no_better() -> QWidget:
    """Nothing beat the dry sound."""
    card = _card()
    card.set_proposal(
        Proposal("make it catchy", 0.31, 0.30, False, "", data.HISTORY[:12], 0.9, data.NEAR)
    )
    return framed(card, 540, 270)


def proposal_searching() -> QWidget:
    """While the search runs."""
    card = _card()
    card.set_searching(data.PROMPT, 17, 60, 0.21, 0.41, data.HISTORY[:17])
    return framed(card, 540, 220)


def proposal_idle() -> QWidget:
    """Before anything was asked."""
    return framed(_card(), 540, 200)


def proposal_accepted() -> QWidget:
    """After Accept, as narrow as it gets."""
    card = _card()
    card.set_proposal(Proposal(data.PROMPT, 0.21, 0.47, True, "", data.HISTORY, 0.8))
    card.set_accepted()
    return framed(card, 360, 260)


def reverb(*, table: bool = False, width: int = 640, height: int = 250) -> QWidget:
    """The reverb in full dress."""
    panel = ReverbPanel()
    panel.set_chain(data.CHAIN)
    panel.set_ghost(data.GHOST)
    panel.show_table(table)
    ground = framed(panel, width, height)
    if not table:
        panel.view._selected = "decay"
        ground.setProperty("focused", panel.view)
    return ground


def reverb_off() -> QWidget:
    """A chain without a room."""
    panel = ReverbPanel()
    return framed(panel, 520, 240)


def why(*, table: bool = False, width: int = 500, height: int = 560) -> QWidget:
    """Why, with everything."""
    panel = WhyPanel()
    panel.set_explanation(data.EXPLANATION)
    panel.show_table(table)
    return framed(panel, width, height)


def why_empty() -> QWidget:
    """Before there is anything to explain, with the offer to."""
    panel = WhyPanel()
    panel.set_askable()
    return framed(panel, 400, 240)


def word_map(*, width: int = 560, height: int = 340, listed: bool = False) -> QWidget:
    """The map with the way through it."""
    panel = WordMapPanel()
    panel.set_words(data.WORDS)
    panel.set_journey(data.EXPLANATION["story"]["journey"])
    panel.view.select("warm")
    panel.show_list(listed)
    ground = framed(panel, width, height)
    ground.setProperty("focused", panel.list if listed else panel.view)
    return ground


SCENES: dict[str, Callable[[], QWidget]] = {
    "waveform-dry": waveform,
    "waveform-wet": lambda: waveform(wet=True),
    "waveform-low": lambda: waveform(height=120),
    "waveform-empty": waveform_empty,
    "transport": transport,
    "prompt": prompt,
    "prompt-running": lambda: prompt(running=True, width=980),
    "prompt-empty": prompt_empty,
    "equalizer": equalizer,
    "equalizer-small": lambda: equalizer(width=560, height=260),
    "equalizer-table": lambda: equalizer(table=True),
    "reverb": reverb,
    "reverb-small": lambda: reverb(width=480, height=230),
    "reverb-table": lambda: reverb(table=True),
    "reverb-off": reverb_off,
    "why": why,
    "why-low": lambda: why(width=380, height=300),
    "why-table": lambda: why(table=True, width=640),
    "why-empty": why_empty,
    "word-map": word_map,
    "word-map-small": lambda: word_map(width=420, height=220),
    "word-map-list": lambda: word_map(listed=True),
    "proposal-ready": proposal_ready,
    "proposal-no-better": proposal_no_better,
    "proposal-searching": proposal_searching,
    "proposal-idle": proposal_idle,
    "proposal-accepted": proposal_accepted,
    **gallery_pages.SCENES,
}
