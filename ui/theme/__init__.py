"""The looks: tokens, stylesheet, palette, icons, and the one object that applies them."""

from __future__ import annotations

from ui.theme.icons import icon
from ui.theme.theme import Mode, Theme, current_tokens
from ui.theme.tokens import DARK, LIGHT, Tokens

__all__ = ["DARK", "LIGHT", "Mode", "Theme", "Tokens", "current_tokens", "icon"]
