"""The frame of our HTML pages: one file that needs nothing else, light or dark as the reader is."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

STYLE = """
:root{--window:#F3F4F6;--panel:#FFFFFF;--line:#D7DBE0;--text:#171A1E;--muted:#5A636E;
--wet:#B85C00;--dry:#1F6FB5}
@media (prefers-color-scheme:dark){:root{--window:#121417;--panel:#1A1D21;--line:#2A2F36;
--text:#E6E9ED;--muted:#949CA7;--wet:#FF9F45;--dry:#6CA6E0}}
body{background:var(--window);color:var(--text);font:14px/1.5 Inter,'Segoe UI',sans-serif;
margin:24px auto;max-width:820px;padding:0 16px}
section{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:16px;
margin:0 0 16px}
h1{font-size:20px;margin:0 0 4px}h2{font-size:14px;margin:0 0 8px}
p{margin:4px 0}.muted{color:var(--muted)}table{border-collapse:collapse;width:100%}
td,th{padding:3px 8px;text-align:right;font-variant-numeric:tabular-nums;font-weight:400}
td:first-child,th:first-child{text-align:left}th{color:var(--muted)}
svg{width:100%;height:auto;display:block}svg text{fill:var(--muted);font-size:11px}
.wet{color:var(--wet)}.dry{color:var(--dry)}figure{margin:0 0 8px}audio{width:100%}
"""


def document(title: str, parts: Sequence[str], style: str = "") -> str:
    """A whole HTML document.

    Args:
        title: Plain text.
        parts: HTML, one after the other.
        style: CSS beside the common one.
    """
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width'>"
        f"<title>{escape(title)}</title><style>{STYLE}{style}</style></head><body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def section(title: str, body: str) -> str:
    """A framed part with a heading; ``title`` is plain text, ``body`` is HTML."""
    return f"<section><h2>{escape(title)}</h2>{body}</section>"
