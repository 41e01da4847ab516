"""The parts of the window that its commands work with."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from ui.models.document import Document
from ui.models.settings_store import SettingsStore
from ui.shell.sound_panel import SoundPanel
from ui.shell.status_line import StatusLine
from ui.shell.top_bar import TopBar
from ui.tasks.engine_client import EngineClient
from ui.tasks.listening import Listening
from ui.tasks.recording import Recording
from ui.tasks.rendering import Rendering
from ui.tasks.shaping import Shaping
from ui.views.eq_panel import EqPanel
from ui.views.prompt_bar import PromptBar
from ui.views.proposal_card import ProposalCard
from ui.views.reverb_panel import ReverbPanel


@dataclass(frozen=True)
class Parts:
    """Made by the main window, used by everything in ``ui.actions``.

    Attributes:
        window: Parent of dialogs.
        engine: The process that searches.
        desk: The process that reads and writes files, and never loads torch.
    """

    window: QWidget
    document: Document
    store: SettingsStore
    engine: EngineClient
    desk: EngineClient
    recording: Recording
    listening: Listening
    shaping: Shaping
    rendering: Rendering
    top: TopBar
    sound: SoundPanel
    prompt: PromptBar
    eq: EqPanel
    reverb: ReverbPanel
    card: ProposalCard
    status: StatusLine
