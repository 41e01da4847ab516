"""The application's stylesheet, built from the tokens.

Buttons tell their kind by the dynamic property ``kind``: ``primary``, ``quiet``, ``chip``, ``tool``
(icon only), ``danger``, ``link``. Labels by ``role``: ``title``, ``muted``, ``wet``, ``dry``,
``good``, ``problem``, ``headline``. Frames by ``panel``: ``plain`` or ``offer`` (the outlined one).
"""

from __future__ import annotations

from string import Template

from ui.theme.metrics import RADIUS_CONTROL, RADIUS_PANEL, TYPE_PX
from ui.theme.tokens import Tokens

_QSS = Template("""
* { color: $text; selection-background-color: $wet; selection-color: $on_wet; }
QWidget { font-size: ${body}px; }
QMainWindow, QDialog, QWidget[ground="window"] { background: $window; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 6px 8px;
  border-radius: ${rc}px; font-size: ${small}px; }

QFrame[panel="plain"] { background: $panel; border: 1px solid $panel; border-radius: ${rp}px; }
QFrame[panel="offer"] { background: $panel; border: 1px solid $wet; border-radius: ${rp}px; }
QFrame[panel="plain"][edge="true"] { border-color: $line; }
QFrame[rule="h"] { background: $line; border: none; max-height: 1px; min-height: 1px; }

QLabel { background: transparent; }
QLabel[role="title"] { font-size: ${title}px; font-weight: 600; }
QLabel[role="headline"] { font-size: ${headline}px; font-weight: 600; }
QLabel[role="section"] { font-size: ${small}px; color: $muted; }
QLabel[role="muted"] { color: $muted; font-size: ${small}px; }
QLabel[role="wet"] { color: $wet; }
QLabel[role="dry"] { color: $dry; }
QLabel[role="good"] { color: $good; font-size: ${small}px; }
QLabel[role="problem"] { color: $problem; font-size: ${small}px; }

QPushButton, QToolButton { background: $field; border: 1px solid $line; border-radius: ${rc}px;
  padding: 5px 12px; min-height: 18px; }
QPushButton:hover, QToolButton:hover { background: $raised; border-color: $muted; }
QPushButton:pressed, QToolButton:pressed { background: $line; }
QPushButton:focus, QToolButton:focus { border: 1px solid $wet; }
QPushButton:disabled, QToolButton:disabled { color: $muted; background: $panel;
  border-color: $line; }
QPushButton:checked, QToolButton:checked { background: $wet; color: $on_wet; border-color: $wet; }
QPushButton[kind="primary"] { background: $wet; color: $on_wet; border-color: $wet;
  font-weight: 600; }
QPushButton[kind="primary"]:hover { background: $wet_hover; border-color: $wet_hover; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; padding: 4px 11px; }
QPushButton[kind="primary"]:disabled { background: $panel; color: $muted; border-color: $line; }
QPushButton[kind="stop"] { background: $field; color: $text; border: 1px solid $wet;
  font-weight: 600; }
QPushButton[kind="stop"]:hover { background: $raised; }
QPushButton[kind="danger"]:hover { border-color: $problem; color: $problem; }
QPushButton[kind="quiet"], QToolButton[kind="quiet"] { background: transparent;
  border-color: transparent; color: $muted; }
QPushButton[kind="quiet"]:hover, QToolButton[kind="quiet"]:hover { color: $text;
  background: $raised; }
QPushButton[kind="quiet"]:focus, QToolButton[kind="quiet"]:focus { border-color: $wet; }
QPushButton[kind="quiet"]:checked, QToolButton[kind="quiet"]:checked { background: $raised;
  color: $text; }
QPushButton[kind="chip"] { background: transparent; color: $muted; border-radius: 11px;
  padding: 1px 10px; min-height: 18px; font-size: ${small}px; }
QPushButton[kind="chip"]:hover { color: $text; border-color: $muted; background: $raised; }
QPushButton[kind="chip"]:focus { border-color: $wet; color: $text; }
QPushButton[kind="chip"]:checked { color: $text; background: $raised; border-color: $muted; }
QPushButton[kind="link"] { background: transparent; border: 1px solid transparent; color: $dry;
  padding: 1px 4px; text-decoration: underline; }
QPushButton[kind="link"]:hover { color: $text; }
QPushButton[kind="link"]:focus { border-color: $wet; }
QToolButton[kind="tool"] { background: transparent; border-color: transparent; padding: 4px; }
QToolButton[kind="tool"]:hover { background: $raised; border-color: transparent; }
QToolButton[kind="tool"]:focus { border-color: $wet; }
QToolButton[kind="tool"]:checked { background: $raised; border-color: transparent; color: $text; }
QToolButton::menu-indicator { image: none; }

QFrame[segments="true"] { background: $field; border: 1px solid $line; border-radius: ${rc}px; }
QPushButton[kind="segment"] { background: transparent; border: 1px solid transparent;
  border-radius: 4px; padding: 3px 10px; color: $muted; }
QPushButton[kind="segment"]:hover { color: $text; background: $raised; }
QPushButton[kind="segment"]:checked { background: $raised; color: $text; }
QPushButton[kind="segment"][tone="wet"]:checked { background: $wet; color: $on_wet; }
QPushButton[kind="segment"][tone="dry"]:checked { background: $dry; color: $on_dry; }
QPushButton[kind="segment"]:focus { border: 1px solid $text; }
QPushButton[kind="segment"]:disabled { color: $muted; background: transparent; }
QPushButton[kind="segment"]:checked:disabled { color: $muted; background: $raised; }
QPushButton[kind="snapshot"] { padding: 0; min-width: 28px; max-width: 28px; min-height: 26px;
  max-height: 26px; color: $muted; font-weight: 600; }
QPushButton[kind="snapshot"][filled="true"] { color: $text; border-color: $muted; }
QPushButton[kind="snapshot"]:checked { background: $field; color: $wet; border-color: $wet; }
QPushButton[kind="snapshot"]:focus { border: 2px solid $wet; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox { background: $field;
  border: 1px solid $line; border-radius: ${rc}px; padding: 4px 8px; min-height: 20px; }
QLineEdit:hover, QComboBox:hover, QSpinBox:hover { border-color: $muted; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus,
QComboBox:focus { border: 1px solid $wet; }
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled { color: $muted; background: $panel; }
QLineEdit[kind="value"] { background: transparent; border: 1px solid transparent;
  padding: 0 4px; min-height: 18px; border-radius: 4px; }
QLineEdit[kind="value"]:hover { background: $field; border-color: $line; }
QLineEdit[kind="value"]:focus { background: $field; border-color: $wet; }
QLineEdit[kind="value"][bad="true"] { border-color: $problem; color: $problem; }
QLineEdit[kind="prompt"] { font-size: ${prompt}px; padding: 6px 12px; min-height: 24px;
  border-radius: ${rc}px; }
QComboBox { padding-right: 24px; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url(t2fx:controls/$name/chevron-down.svg); width: 12px;
  height: 12px; }
QSpinBox, QDoubleSpinBox { padding-right: 20px; }
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button,
QDoubleSpinBox::down-button { border: none; background: transparent; width: 18px; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url(t2fx:controls/$name/chevron-up.svg);
  width: 10px; height: 10px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {
  image: url(t2fx:controls/$name/chevron-down.svg); width: 10px; height: 10px; }

QCheckBox, QRadioButton { spacing: 8px; padding: 2px; border: 1px solid transparent;
  border-radius: 4px; background: transparent; }
QCheckBox:focus, QRadioButton:focus { border-color: $wet; }
QCheckBox::indicator, QTableView::indicator, QListView::indicator, QTreeView::indicator {
  width: 14px; height: 14px; border: 1px solid $muted; border-radius: 4px; background: $field; }
QCheckBox::indicator:checked, QTableView::indicator:checked, QListView::indicator:checked,
QTreeView::indicator:checked { background: $wet; border-color: $wet;
  image: url(t2fx:controls/$name/check.svg); }
QCheckBox::indicator:disabled { border-color: $line; background: $panel; }
QCheckBox:disabled, QRadioButton:disabled { color: $muted; }
QRadioButton::indicator { width: 14px; height: 14px; border: 1px solid $muted;
  border-radius: 8px; background: $field; }
QRadioButton::indicator:checked { border: 5px solid $wet; width: 6px; height: 6px;
  background: $on_wet; }

QAbstractItemView { background: $panel; alternate-background-color: $panel; border: none;
  outline: none; gridline-color: $line; }
QTableView, QListView, QTreeView { border: 1px solid transparent; border-radius: ${rc}px; }
QTableView:focus, QListView:focus, QTreeView:focus { border: 1px solid $wet; }
QAbstractItemView::item { padding: 4px 8px; border: none; }
QListView { padding: 4px; icon-size: 16px; }
QAbstractItemView::item:disabled { color: $muted; }
QListView[boxed="true"] { background: $field; border: 1px solid $line; }
QListView[boxed="true"]:focus { border-color: $wet; }
QAbstractItemView::item:hover { background: $raised; }
QAbstractItemView::item:selected { background: $raised; color: $text; }
QTableView::item:selected:focus, QListView::item:selected:focus { border: 1px solid $wet; }
QAbstractItemView QLineEdit { padding: 0 6px; min-height: 0; border-radius: 0; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: $panel; color: $muted; border: none;
  border-bottom: 1px solid $line; padding: 5px 11px; font-size: ${small}px; }
QTableCornerButton::section { background: $panel; border: none; }
QComboBox QAbstractItemView, QMenu { background: $panel; border: 1px solid $line;
  border-radius: ${rc}px; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; background: transparent; }
QMenu::item:selected { background: $raised; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QMenu::indicator { width: 14px; height: 14px; margin-left: 8px; }
QMenu::indicator:checked { image: url(t2fx:controls/$name/check-text.svg); }
QMenuBar { background: $window; } QMenuBar::item { padding: 6px 10px; border-radius: 4px; }
QMenuBar::item:selected { background: $raised; }

QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $track; border-radius: 3px; margin: 2px; min-height: 24px;
  min-width: 24px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QTabWidget::pane { border: none; }
QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: $muted; padding: 6px 12px; margin-right: 2px;
  border: 1px solid transparent; border-radius: ${rc}px; }
QTabBar::tab:hover { color: $text; background: $raised; }
QTabBar::tab:selected { color: $text; background: $panel; font-weight: 600; }
QTabBar::tab:focus { border-color: $wet; }
QProgressBar { background: $track; border: none; border-radius: 2px; max-height: 4px;
  min-height: 4px; color: transparent; }
QProgressBar::chunk { background: $wet; border-radius: 2px; }
QSplitter::handle { background: transparent; }
QStatusBar { background: $panel; color: $muted; font-size: ${small}px; }
QStatusBar QLabel { color: $muted; font-size: ${small}px; } QStatusBar::item { border: none; }
""")


def build_stylesheet(tokens: Tokens) -> str:
    """The stylesheet of a theme. Images are found by the search path ``t2fx:``."""
    return _QSS.substitute(
        tokens.colours(),
        name=tokens.name,
        rc=RADIUS_CONTROL,
        rp=RADIUS_PANEL,
        **TYPE_PX,
    )
