"""Export: which targets, how true each is to the sound, what it leaves out, and where to."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ui.views.buttons import text_button
from ui.views.export_model import FIDELITY_TIPS, ExportModel, ExportRow
from ui.views.file_list import FileList
from ui.views.panel import Panel, label
from ui.views.table import DataTable


class ExportPanel(Panel):
    """Targets with ticks, the chosen one's details below, folder and button at the foot.

    Attributes:
        table: The targets.
        files: What was written.
    """

    export_requested = Signal(tuple, str, bool)  # target names, folder, overwrite
    folder_wanted = Signal()  # open a chooser, then set_folder
    reveal_requested = Signal(str)  # path

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Export", parent)
        self._model = ExportModel(self)
        self.table = DataTable("Targets", whole_rows=True)
        self.table.setModel(self._model)
        self.table.stretch(2, {0: 340, 1: 112})
        self._title = label("", "title", wrap=True)
        self._details = label("", "muted", wrap=True)
        self._folder = QLineEdit()
        self._folder.setAccessibleName("Folder to export to")
        self._folder.setPlaceholderText("Folder to export to")
        self._choose = text_button("Choose …", "", "Choose a folder")
        self._overwrite = QCheckBox("Replace existing files")
        self._overwrite.setToolTip("Without this, an existing file is never touched")
        self._export = text_button("Export", "primary")
        self.files = FileList("Exported files")
        self.files.setMaximumHeight(112)
        self.files.hide()
        self._message = label("", "problem", wrap=True)
        self._message.hide()
        self._lay_out()
        self._model.ticked.connect(self._show)
        self._folder.textChanged.connect(lambda _: self._show())
        self._folder.returnPressed.connect(self._export.click)  # does nothing while disabled
        self._choose.clicked.connect(self.folder_wanted)
        self._export.clicked.connect(self._go)
        self.files.reveal_requested.connect(self.reveal_requested)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._show_details())
        self._show()
        self._show_details()

    def _lay_out(self) -> None:
        self.body.addWidget(self.table, 1)
        about = QVBoxLayout()
        about.setSpacing(2)
        about.addWidget(self._title)
        about.addWidget(self._details)
        self.body.addLayout(about)
        self.body.addWidget(self.files)
        self.body.addWidget(self._message)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._folder, 1)
        foot.addWidget(self._choose)
        foot.addSpacing(8)
        foot.addWidget(self._overwrite)
        foot.addWidget(self._export)
        self.body.addLayout(foot)

    def set_rows(self, rows: Sequence[ExportRow]) -> None:
        """Show the targets for a setting."""
        chosen = self.table.currentIndex().row()
        self._model.set_rows(rows)
        if rows:
            self.table.selectRow(min(max(chosen, 0), len(rows) - 1))
        self._show_details()

    def set_setting_name(self, name: str) -> None:
        """What is exported."""
        self.set_facts(name)

    def set_folder(self, folder: str) -> None:
        """Where to."""
        self._folder.setText(folder)

    def chosen(self) -> tuple[str, ...]:
        """Names of the ticked targets."""
        return self._model.chosen()

    def clear_results(self) -> None:
        """Forget what was written."""
        self.files.clear()
        self.files.hide()

    def add_result(self, path: str, text: str, problem: str = "") -> None:
        """Show a file that was written, or why it was not."""
        self.files.add(path, text, problem=problem)
        self.files.show()

    def set_message(self, text: str) -> None:
        """A line above the button; empty hides it."""
        self._message.setText(text)
        self._message.setVisible(bool(text))

    def _show(self) -> None:
        count = len(self.chosen())
        able = bool(count) and bool(self._folder.text().strip())
        self._export.setEnabled(able)
        self._export.setText(f"Export {count} targets" if count > 1 else "Export")
        tip = "Tick a target first" if not count else "Choose a folder first" if not able else ""
        self._export.setToolTip(tip)

    def _show_details(self) -> None:
        index = self.table.currentIndex()
        if not index.isValid():
            self._title.setText("")
            self._details.setText("Choose a target to read what it carries.")
            return
        row = self._model.row(index.row())
        self._title.setText(row.title)
        parts = [f"Opened by {row.opened_by}." if row.opened_by else ""]
        parts.append(f"{FIDELITY_TIPS.get(row.fidelity, row.fidelity)}.")
        if row.left_out:
            parts.append(f"Not carried: {', '.join(row.left_out)}.")
        parts += list(row.notes)
        if row.experimental:
            parts.append("Experimental: no program was at hand to open its files.")
        if row.checked:
            parts.append(f"Checked: {row.checked}.")
        self._details.setText(" ".join(part for part in parts if part))

    def _go(self) -> None:
        self.set_message("")
        folder = self._folder.text().strip()
        self.export_requested.emit(self.chosen(), folder, self._overwrite.isChecked())
