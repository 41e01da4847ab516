"""The presets browser, bound: the library in, settings out, favourites, one's own presets."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from dsp.atomic import write_atomic
from dsp.chain import Chain
from text2fx_studio.errors import OutputError, Text2FXError
from text2fx_studio.preset import SUFFIX, Preset, load_preset, save_preset
from text2fx_studio.preset_library import Entry, find_preset, library, user_folder
from ui.actions.files import FileCommands, file_stem
from ui.models.document import complete
from ui.shell.parts import Parts
from ui.tasks.run_task import run_task
from ui.views.preset_model import PresetItem
from ui.views.presets_browser import PresetsBrowser


class PresetsPage(QObject):
    """Owns the browser."""

    def __init__(self, parts: Parts, files: FileCommands) -> None:
        super().__init__(parts.window)
        self._parts, self._files = parts, files
        self._auditioned = ""
        self.view = PresetsBrowser()
        self.view.use_requested.connect(self.use)
        self.view.audition_requested.connect(self.audition)
        self.view.audition_stopped.connect(self.stop_audition)
        self.view.favourite_toggled.connect(self._favour)
        self.view.delete_requested.connect(self.delete)
        self.view.save_requested.connect(self.save)
        files.presets_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Read the library again."""
        run_task(self, lambda: list(library()), self._show)

    def use(self, slug: str) -> None:
        """Make a preset the document's setting, as one step."""
        self.stop_audition()
        preset = self._load(slug)
        if preset is not None:
            self._files.use_preset(preset)

    def audition(self, slug: str) -> None:
        """Hear a preset without putting it in."""
        preset = self._load(slug)
        if preset is None:
            return
        if self._parts.recording.info is None:
            self._parts.status.warn("Open a recording to hear presets on it")
            self.view.set_auditioned("")
            return
        self._auditioned = slug
        self._parts.document.preview(
            chain=complete(preset.chain), amount=1.0, plugins=preset.plugins
        )
        self._parts.listening.set_wet(True)
        self._parts.top.ab.set_wet(True)
        self._parts.listening.play()
        self.view.set_auditioned(slug)

    def stop_audition(self) -> None:
        """Back to the document's own setting."""
        if self._auditioned:
            self._auditioned = ""
            self._parts.document.drop_preview()
            self.view.set_auditioned("")

    def save(self, name: str, tags: tuple[str, ...]) -> None:
        """Keep the setting as it is under a name."""
        preset = self._files.preset(name)
        preset = Preset(**{**vars(preset), "tags": tuple(tags)})
        try:
            user_folder().mkdir(parents=True, exist_ok=True)
            save_preset(preset, user_folder() / (file_stem(name) + SUFFIX))
        except (Text2FXError, OSError) as error:
            self._parts.status.warn(f"Not saved: {error}")
            return
        self._parts.status.say(f"Saved preset “{name}”")
        self.refresh()

    def delete(self, slug: str) -> None:
        """Delete one of one's own; the status line can bring it back."""
        path = user_folder() / f"{slug}{SUFFIX}"
        try:
            text = path.read_text("utf-8")
            path.unlink()
        except OSError as error:
            self._parts.status.warn(f"{path.name} cannot be deleted: {error.strerror}")
            return
        self._parts.status.offer(
            f"Deleted preset {slug}", "Bring it back", lambda: self._bring_back(path, text)
        )
        self.refresh()

    def _bring_back(self, path: Path, text: str) -> None:
        try:
            write_atomic(path, text, overwrite=False, error=OutputError)
        except OutputError as error:
            self._parts.status.warn(str(error))
        self.refresh()

    def _load(self, slug: str) -> Preset | None:
        try:
            return load_preset(find_preset(slug))
        except Text2FXError as error:
            self._parts.status.warn(str(error))
            return None

    def _favour(self, slug: str, on: bool) -> None:
        others = tuple(s for s in self._parts.store.settings.favourites if s != slug)
        self._parts.store.change(favourites=(*others, slug) if on else others)

    def _show(self, entries: list[Entry]) -> None:
        favourites = self._parts.store.settings.favourites
        self.view.set_items([item_of(entry, entry.slug in favourites) for entry in entries])


def item_of(entry: Entry, favourite: bool) -> PresetItem:
    """An entry of the library as the browser shows it."""
    data = entry.data
    if data is None:
        return PresetItem(entry.slug, entry.slug, entry.origin, error=entry.error)
    return PresetItem(
        slug=entry.slug,
        name=data["name"],
        origin=entry.origin,
        description=data.get("description", ""),
        tags=tuple(data.get("tags", ())),
        chain=Chain.from_data(data["chain"]),
        prompt=data.get("prompt", ""),
        encoder=data.get("encoder", ""),
        favourite=favourite,
    )
