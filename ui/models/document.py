"""The document: one recording, one setting, its snapshots and words; every change can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from text2fx_studio.plugins.hosted import HostedPlugin
from text2fx_studio.session import Session, Snapshot
from ui.models.amount import at_full_amount

NEUTRAL = Chain((Equalizer(), Reverb()))
UNDO_LIMIT = 500


@dataclass(frozen=True)
class Content:
    """What undo brings back.

    Attributes:
        chain: The setting at full amount; equalizer and reverb always stand in it.
        amount: 0..1, how much of it is heard.
        snapshots: Settings (at what was heard) and racks kept under A to D.
        loop_s: (start, end), or None.
        found: Where the setting came from (prompt, scores, seed ...); empty for by hand.
        ghost: The search's own proposal at full amount, drawn dashed; None without one.
        plugins: Of the rack, in signal order, with their states.
    """

    chain: Chain = NEUTRAL
    amount: float = 1.0
    snapshots: Mapping[str, Snapshot] = field(default_factory=dict)
    loop_s: tuple[float, float] | None = None
    found: Mapping[str, Any] = field(default_factory=dict)
    ghost: Chain | None = None
    plugins: tuple[HostedPlugin, ...] = ()

    @property
    def heard(self) -> Chain:
        """The setting as it sounds, is drawn, rendered and exported."""
        return self.chain.with_amount(self.amount)


def complete(chain: Chain) -> Chain:
    """The chain with an equalizer and a reverb in it, neutral where they were missing."""
    kinds = {effect.kind for effect in chain}
    missing = tuple(e for e in NEUTRAL if e.kind not in kinds)
    equalizer_first = tuple(e for e in missing if isinstance(e, Equalizer))
    others = tuple(e for e in missing if not isinstance(e, Equalizer))
    return Chain((*equalizer_first, *chain, *others))


class Document(QObject):
    """Holds the content; previews are seen and heard at once, commits are undo steps.

    Attributes:
        undo_stack: For menus and buttons.
        source: The recording; None before one is opened.
    """

    changed = Signal(object)  # Content, after every preview, commit, undo and redo
    source_changed = Signal(object)  # Path or None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(UNDO_LIMIT)
        self.source: Path | None = None
        self._content = Content()  # as seen, previews included
        self._kept = Content()  # as committed

    @property
    def content(self) -> Content:
        """As it is seen and heard now."""
        return self._content

    @property
    def kept(self) -> Content:
        """As it was before a preview in progress."""
        return self._kept

    def open(self, source: Path | None, content: Content | None = None) -> None:
        """Start over with another recording; what was before cannot be brought back by undo.

        A rack that was filled before the first recording stays.
        """
        first = Content(plugins=self._kept.plugins) if self.source is None else Content()
        self.undo_stack.clear()
        self.source = source
        self._kept = content or first
        self._show(self._kept)
        self.source_changed.emit(source)

    def preview(self, **changes: Any) -> None:
        """Show a change that is not decided yet; fields of :class:`Content`."""
        self._show(replace(self._content, **changes))

    def drop_preview(self) -> None:
        """Back to what was committed last."""
        self._show(self._kept)

    def commit(self, text: str, **changes: Any) -> None:
        """Make what is seen, with further changes, one undo step.

        Args:
            text: What was done, for the menu.
            **changes: Fields of :class:`Content`.
        """
        wanted = replace(self._content, **changes)
        if wanted == self._kept:
            self._show(wanted)
            return
        self.undo_stack.push(_Step(self, text, self._kept, wanted))

    def edit(self, heard: Chain, text: str = "") -> None:
        """Take an edit of what is heard: a preview, or with a ``text`` an undo step."""
        # Measured against what was committed, so that a drag never adds up its own rounding.
        full = at_full_amount(self._kept.chain, heard, self._content.amount)
        if text:
            self.commit(text, chain=full)
        else:
            self.preview(chain=full)

    def _restore(self, content: Content) -> None:
        self._kept = content
        self._show(content)

    def _show(self, content: Content) -> None:
        if content is not self._content:
            self._content = content
            self.changed.emit(content)

    # sessions

    def to_session(self, prompt: str, chain_name: str) -> Session:
        """What is kept between two starts; previews are left out."""
        kept = self._kept
        return Session(
            source=str(self.source) if self.source is not None else "",
            prompt=prompt,
            chain_name=chain_name,
            chain=kept.chain,
            amount=kept.amount,
            snapshots=kept.snapshots,
            loop_s=kept.loop_s,
            found={**kept.found, **({"ghost": kept.ghost.to_data()} if kept.ghost else {})},
            plugins=kept.plugins,
        )

    @staticmethod
    def content_of(session: Session) -> Content:
        """The content that a session holds."""
        found = dict(session.found)
        ghost = found.pop("ghost", None)
        return Content(
            chain=complete(session.chain),
            amount=session.amount,
            snapshots={
                name: replace(kept, chain=complete(kept.chain))
                for name, kept in session.snapshots.items()
            },
            loop_s=session.loop_s,
            found=found,
            ghost=complete(Chain.from_data(ghost)) if ghost else None,
            plugins=session.plugins,
        )


class _Step(QUndoCommand):
    """From one content to another."""

    def __init__(self, document: Document, text: str, before: Content, after: Content) -> None:
        super().__init__(text)
        self._document, self._before, self._after = document, before, after

    def undo(self) -> None:
        self._document._restore(self._before)

    def redo(self) -> None:
        self._document._restore(self._after)
