"""The tokens as a QPalette, for what the stylesheet does not reach."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette

from ui.theme.tokens import Tokens

_R = QPalette.ColorRole


def build_palette(tokens: Tokens) -> QPalette:
    """A palette in which native parts (dialogs, drag pictures, selections) match the theme."""
    palette = QPalette()
    roles = {
        _R.Window: tokens.window, _R.WindowText: tokens.text, _R.Base: tokens.field,
        _R.AlternateBase: tokens.panel, _R.Text: tokens.text, _R.Button: tokens.panel,
        _R.ButtonText: tokens.text, _R.BrightText: tokens.problem, _R.Highlight: tokens.wet,
        _R.HighlightedText: tokens.on_wet, _R.ToolTipBase: tokens.raised,
        _R.ToolTipText: tokens.text, _R.PlaceholderText: tokens.muted, _R.Link: tokens.dry,
        _R.LinkVisited: tokens.dry, _R.Light: tokens.raised, _R.Midlight: tokens.raised,
        _R.Mid: tokens.line, _R.Dark: tokens.line, _R.Shadow: tokens.window,
        _R.Accent: tokens.wet,
    }  # fmt: skip
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (_R.Text, _R.ButtonText, _R.WindowText, _R.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.muted))
    palette.setColor(QPalette.ColorGroup.Disabled, _R.Highlight, QColor(tokens.raised))
    return palette
