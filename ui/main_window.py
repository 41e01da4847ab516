"""The one window: makes the parts, lays them out, and ties them to the commands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QStackedWidget, QVBoxLayout, QWidget

from dsp.audio_format import AudioInfo
from dsp.chain import Chain
from text2fx_studio.jobs import Event
from text2fx_studio.session import Session, load_session
from ui.actions.files import FileCommands
from ui.actions.handlers import handlers
from ui.actions.listen import ListenCommands
from ui.actions.shape import ShapeCommands
from ui.actions.table import Actions
from ui.crash import CrashReporter
from ui.models.document import Content, Document
from ui.models.settings_store import SettingsStore
from ui.pages.pages import Pages
from ui.shell.parts import Parts
from ui.shell.sound_panel import SoundPanel
from ui.shell.status_line import StatusLine
from ui.shell.top_bar import TopBar
from ui.shell.work_area import WorkArea
from ui.tasks.autosave import Autosave
from ui.tasks.engine_client import EngineClient
from ui.tasks.listening import Listening
from ui.tasks.recording import Recording
from ui.tasks.rendering import Rendering
from ui.tasks.shaping import Shaping
from ui.tasks.vocabulary import load_vocabulary
from ui.theme import Theme
from ui.theme.metrics import SPACE_2, SPACE_3
from ui.views.eq_panel import EqPanel
from ui.views.prompt_bar import PromptBar
from ui.views.proposal_card import ProposalCard
from ui.views.reverb_panel import ReverbPanel

if TYPE_CHECKING:
    from text2fx_studio.player import Opener

SMALLEST_PX = (1000, 640)
FIRST_PX = (1440, 900)


class MainWindow(QMainWindow):
    """The window.

    Args:
        theme: Of the application.
        opener: Opens a sound device, for tests; the sound card by default.

    Attributes:
        parts: All parts, see :class:`ui.shell.parts.Parts`.
        files: Commands on files.
        shape: Commands of prompt and proposal.
        listen: Commands of transport and snapshots.
        pages: The other pages.
    """

    def __init__(self, theme: Theme, opener: Opener | None = None) -> None:
        super().__init__()
        self.setWindowTitle("text2fx studio")
        self.setMinimumSize(*SMALLEST_PX)
        self.resize(*FIRST_PX)
        self.setAcceptDrops(True)
        self._theme = theme
        self._editing: QWidget | None = None
        self._ghost: tuple[Chain | None, AudioInfo | None] | None = None
        document, engine, desk = Document(self), EngineClient(self), EngineClient(self)
        self.parts = Parts(
            window=self,
            document=document,
            store=SettingsStore(self),
            engine=engine,
            desk=desk,
            recording=Recording(desk, self),
            listening=Listening(opener, self),
            shaping=Shaping(document, engine, self),
            rendering=Rendering(desk, self),
            top=TopBar(),
            sound=SoundPanel(),
            prompt=PromptBar(),
            eq=EqPanel(),
            reverb=ReverbPanel(),
            card=ProposalCard(),
            status=StatusLine(),
        )
        self.crash = CrashReporter(self)
        self.files = FileCommands(self.parts)
        self.shape = ShapeCommands(self.parts)
        self.listen = ListenCommands(self.parts)
        self.pages = Pages(self.parts, self.files, self.shape, theme)
        self._lay_out()
        self._bind()
        self._autosave = Autosave(self.session, self)
        self._autosave.failed.connect(self.parts.status.warn)
        document.changed.connect(lambda _: self._autosave.soon())
        self.parts.prompt.field.textChanged.connect(lambda _: self._autosave.soon())
        self._closed = False
        self._apply_settings()

    def start(self, source: Path | None = None, *, restore: bool = True) -> None:
        """What comes after the first picture: the encoder, the vocabulary, the last session."""
        parts = self.parts
        parts.shaping.warm(parts.store.settings)
        self.pages.reasons.load_map_later()
        load_vocabulary(self, parts.prompt.field.set_vocabulary)
        for note in parts.store.notes:
            parts.status.warn(note[:1].upper() + note[1:])
        if source is not None:
            self.files.open(source)
        elif restore and (session := load_session()) is not None:
            self.files.restore(session)
        if source is None and not restore:
            parts.prompt.field.setFocus()

    def session(self) -> Session:
        """What is kept between two starts."""
        parts = self.parts
        return parts.document.to_session(parts.prompt.field.prompt(), parts.prompt.chain())

    def show_page(self, name: str) -> None:
        """Bring a page to the front: ``sound`` or one of the others."""
        page = self._sound_page if name == "sound" else self.pages.framed(name)
        if self._stack.indexOf(page) < 0:
            self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)
        self.parts.top.show_page(name)
        self.pages.shown(name)

    def reveal(self, panel: str) -> None:
        """Show a panel of the sound page."""
        self.show_page("sound")
        self.work.reveal(panel)

    # making

    def _lay_out(self) -> None:
        parts = self.parts
        self.work = WorkArea(
            {
                "eq": parts.eq, "reverb": parts.reverb, "why": self.pages.why,
                "map": self.pages.map, "card": parts.card,
            }
        )  # fmt: skip
        self._sound_page = QWidget()
        column = QVBoxLayout(self._sound_page)
        column.setContentsMargins(SPACE_3, 0, SPACE_3, SPACE_2)
        column.setSpacing(SPACE_2)
        column.addWidget(parts.sound)
        column.addWidget(parts.prompt)
        column.addWidget(self.work, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._sound_page)
        whole = QWidget()
        whole.setProperty("ground", "window")
        rows = QVBoxLayout(whole)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(parts.top)
        rows.addWidget(self._stack, 1)
        rows.addWidget(parts.status)
        self.setCentralWidget(whole)

    def _bind(self) -> None:
        parts, document = self.parts, self.parts.document
        for panel in (parts.eq, parts.reverb):
            panel.chain_previewed.connect(lambda chain, p=panel: self._edit(p, chain))
            panel.chain_committed.connect(document.edit)
        parts.top.drag_out.bind(parts.recording, parts.rendering, document.content, parts.status)
        document.changed.connect(parts.top.drag_out.follow)
        document.changed.connect(self._show_content)
        parts.engine.crashed.connect(self._engine_crashed)
        parts.desk.crashed.connect(self._engine_crashed)
        parts.shaping.warmed.connect(self._warmed)
        parts.store.failed.connect(parts.status.warn)
        parts.store.changed.connect(lambda _: self._apply_settings())
        parts.top.page_chosen.connect(self.show_page)
        self.pages.asked.connect(self.show_page)
        self.pages.revealed.connect(self.reveal)
        undo = document.undo_stack.createUndoAction(self, "Undo")
        redo = document.undo_stack.createRedoAction(self, "Redo")
        self.actions_ = Actions(self, handlers(self), (undo, redo))
        recent = QMenu("Open recent", self)
        recent.setToolTipsVisible(True)
        recent.aboutToShow.connect(lambda: self.files.fill_recent(recent))
        parts.top.set_actions(undo, redo, self.actions_.menu(self, recent))
        self._show_content(document.content)

    # following

    def _show_content(self, content: Content) -> None:
        parts = self.parts
        heard = content.heard
        for panel in (parts.eq, parts.reverb):
            if panel is not self._editing:
                panel.set_chain(heard)
        ghost = None if content.ghost == heard else content.ghost
        if (ghost, parts.recording.info) != self._ghost:
            self._ghost = (ghost, parts.recording.info)
            parts.eq.set_ghost(ghost)
            parts.reverb.set_ghost(ghost)
        parts.top.ab.set_wet_available(parts.recording.info is not None)

    def _edit(self, panel: QWidget, chain: Chain) -> None:
        """A panel is being dragged: it shows what it does itself, all others follow."""
        self._editing = panel
        try:
            self.parts.document.edit(chain)
        finally:
            self._editing = None

    def _warmed(self, data: dict[str, object]) -> None:
        self.parts.eq.view.set_passband_hz(data["passband_hz"])  # type: ignore[arg-type]
        limit_mb = self.parts.store.settings.cache_limit_mb
        self.parts.engine.submit("caches", lambda _: None, limit_mb=limit_mb)
        device = str(data["device"])
        self.parts.status.set_engine(
            f"{data['encoder']} · {device.upper() if device in ('cpu', 'mps') else 'GPU'}"
        )

    def _engine_crashed(self, event: Event) -> None:
        self.parts.status.offer(
            "The engine was restarted after a crash; nothing is lost",
            "Show the log",
            lambda: self.crash.report(event.message, event.log),
        )

    def _apply_settings(self) -> None:
        settings = self.parts.store.settings
        self._theme.set_mode(settings.theme)  # type: ignore[arg-type]
        self.parts.prompt.set_chain(settings.chain)
        self.parts.prompt.field.set_history(settings.prompts)
        self.parts.listening.set_device(settings.output_device)
        if self.parts.eq.view.range_db() != float(settings.eq_range_db):
            self.parts.eq.view.set_range_db(float(settings.eq_range_db))
        wanted = (settings.encoder, settings.checkpoint, settings.device)
        if getattr(self, "_loaded", wanted) != wanted:
            self.parts.shaping.warm(settings)
        self._loaded = wanted

    # events of the window

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A tall window gives some of its room to the waveform."""
        self.parts.sound.setFixedHeight(min(max(112, round(0.115 * self.height())), 240))
        super().resizeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped anywhere."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
            self.parts.status.say("Drop it anywhere: a recording opens, a folder goes to the batch")

    def dropEvent(self, event: QDropEvent) -> None:
        """Take them."""
        if self.files.drop(event.mimeData()):
            event.acceptProposedAction()
            self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop everything; nothing is left running, nothing half-written."""
        if not self._closed:
            self._closed = True
            self._autosave.close()
            self.parts.store.close()
            self.parts.listening.close()
            self.parts.rendering.close()
            self.pages.close()
            self.parts.engine.close()
            self.parts.desk.close()
            self.files.close()
            self.crash.remove()
        super().closeEvent(event)


def first_picture(window: MainWindow, source: Path | None) -> None:
    """Show the window; what is slow comes after the first picture."""
    window.show()
    QTimer.singleShot(0, window, lambda: window.start(source))
