"""The export panel, bound to the targets of ``text2fx_studio.export``."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from dsp.chain import Chain
from text2fx_studio.errors import Text2FXError
from text2fx_studio.export.registry import Target, targets
from text2fx_studio.preset import Preset
from ui.actions.files import FileCommands
from ui.shell.parts import Parts
from ui.tasks.run_task import run_task
from ui.views.export_model import ExportRow
from ui.views.export_panel import ExportPanel

_KINDS = {"eq": "equalizer", "reverb": "reverb", "gain": "gain", "plugins": "plugins"}
_RATE_HZ = 48_000


class ExportPage(QObject):
    """Owns the panel; writes what is heard."""

    def __init__(self, parts: Parts, files: FileCommands) -> None:
        super().__init__(parts.window)
        self._parts, self._files = parts, files
        self.view = ExportPanel()
        self.view.export_requested.connect(self.export)
        self.view.folder_wanted.connect(self._ask_folder)
        self.view.reveal_requested.connect(
            lambda path: QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(path).parent)))
        )

    def refresh(self) -> None:
        """Show the targets for the setting as it is heard."""
        chain = self._parts.document.content.heard
        self.view.set_rows([row_of(target, chain) for target in targets()])
        self.view.set_setting_name(self._files.preset().name)

    def export(self, names: tuple[str, ...], folder: str, overwrite: bool) -> None:
        """Write the chosen targets, each by itself: one that fails does not stop the others."""
        preset = self._files.preset()
        info = self._parts.recording.info
        rate = info.sample_rate if info is not None else _RATE_HZ
        self.view.clear_results()
        self._parts.status.say(f"Exporting “{preset.name}”")
        run_task(
            self,
            lambda: [write_one(preset, name, Path(folder), rate, overwrite) for name in names],
            self._written,
        )

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self._parts.window, "Export to")
        if folder:
            self.view.set_folder(folder)

    def _written(self, results: list[list[tuple[str, str, str]]]) -> None:
        problems = 0
        for rows in results:
            for path, text, problem in rows:
                self.view.add_result(path, text, problem)
                problems += bool(problem)
        if problems:
            self._parts.status.warn(f"{problems} of {len(results)} exports failed; see the list")
        else:
            count = len(results)
            self._parts.status.say(f"Exported for {count} target{'s' if count != 1 else ''}")


def write_one(
    preset: Preset, name: str, folder: Path, rate_hz: int, overwrite: bool
) -> list[tuple[str, str, str]]:
    """Write one target; rows of (path, text, problem)."""
    from text2fx_studio.export.write import export_preset

    try:
        (done,) = export_preset(preset, [name], folder, sample_rate_hz=rate_hz, overwrite=overwrite)
    except Text2FXError as error:
        return [("", name, str(error))]
    told = [done.fidelity, *(f"without {what}" for what in done.left_out)]
    return [(str(path), f"{path.name}: {', '.join(told)}", "") for path in done.paths]


def row_of(target: Target, chain: Chain) -> ExportRow:
    """What a target would carry of a setting."""
    used = [effect.kind for effect in chain if not effect.is_neutral()]
    carried = [kind for kind in used if kind in target.carries]
    left_out = tuple(_KINDS.get(kind, kind) for kind in used if kind not in target.carries)
    if used and not carried:
        fidelity = "nothing"
    elif left_out:
        fidelity = "lossy"
    else:
        worst = {target.carries[kind] for kind in carried} or {"exact"}
        fidelity = next((f for f in ("lossy", "approximate") if f in worst), "exact")
    return ExportRow(
        name=target.name,
        title=target.title,
        opened_by=target.opened_by,
        fidelity=fidelity,
        left_out=left_out,
        checked=target.checked,
        experimental=target.experimental,
    )
