import configparser
import gc
import re
import xml.etree.ElementTree as ET

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage, QPalette, QPixmap
from PySide6.QtWidgets import QToolButton

from ui.theme import DARK, LIGHT, Theme, current_tokens, icon
from ui.theme.icons import app_icon, icon_names
from ui.theme.metrics import TYPE_PX, font
from ui.theme.stylesheet import build_stylesheet
from ui.theme.theme import RESOURCES


def test_modes_change_palette_stylesheet_and_tokens(qapp, qtbot, theme: Theme):
    with qtbot.waitSignal(theme.changed) as caught:
        theme.set_mode("light")
    assert caught.args == [LIGHT]
    assert current_tokens() is LIGHT
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(LIGHT.window)
    assert LIGHT.wet in qapp.styleSheet()
    assert DARK.wet not in qapp.styleSheet()


def test_colours_that_are_in_use_are_not_applied_again(theme: Theme):
    theme.set_mode("system")
    told = []
    theme.changed.connect(told.append)
    theme.set_mode("light" if theme.tokens is LIGHT else "dark")
    assert theme.mode in ("light", "dark")
    assert told == []
    theme.set_mode("dark" if theme.tokens is LIGHT else "light")
    assert told == [theme.tokens]


def test_one_theme_an_application(qapp, theme: Theme):
    assert Theme.of(qapp) is theme


def test_an_unknown_mode_is_refused(theme: Theme):
    with pytest.raises(ValueError, match="'sepia', allowed are system, light, dark"):
        theme.set_mode("sepia")


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda t: t.name)
def test_the_stylesheet_is_filled_and_its_drawings_exist(tokens):
    text = build_stylesheet(tokens)
    assert "$" not in text
    assert text.count("{") == text.count("}")
    for path in re.findall(r"url\(t2fx:([^)]+)\)", text):
        assert (RESOURCES / path).is_file(), path


def test_fonts_follow_the_type_scale(qapp, theme: Theme):
    for role, size_px in TYPE_PX.items():
        assert font(role).pixelSize() == size_px


def _ink(image: QImage) -> set[str]:
    return {
        QColor(image.pixel(x, y)).name()
        for x in range(image.width())
        for y in range(image.height())
        if QColor.fromRgba(image.pixel(x, y)).alpha() == 255
    }


@pytest.mark.parametrize("name", icon_names())
def test_every_icon_is_drawn_in_one_weight_on_one_grid(name):
    text = (RESOURCES / "icons" / f"{name}.svg").read_text()
    assert 'viewBox="0 0 24 24"' in text
    assert 'stroke-width="1.7"' in text
    assert not re.search("#[0-9A-Fa-f]{3}", text), "icons take their colour from the theme"


def test_an_icon_is_tinted_by_the_theme_and_crisp_at_any_scale(qapp, theme: Theme):
    shown = icon("stop", "wet")
    for mode, tokens in (("dark", DARK), ("light", LIGHT)):
        theme.set_mode(mode)
        for scale in (1.0, 1.5, 2.0, 4.0):
            pixmap = shown.pixmap(QSize(24, 24), scale)
            assert pixmap.size() == QSize(round(24 * scale), round(24 * scale))
        assert QColor(tokens.wet).name() in _ink(pixmap.toImage())


def test_an_icon_changes_colour_when_its_button_is_checked(qtbot, theme: Theme):
    button = QToolButton()
    qtbot.addWidget(button)
    shown = icon("loop", "muted", "wet")
    off = shown.pixmap(QSize(96, 96), 1.0, mode=shown.Mode.Normal, state=shown.State.Off)
    on = shown.pixmap(QSize(96, 96), 1.0, mode=shown.Mode.Normal, state=shown.State.On)
    assert QColor(DARK.muted).name() in _ink(off.toImage())
    assert QColor(DARK.wet).name() in _ink(on.toImage())


def test_an_unknown_icon_is_named(qapp):
    with pytest.raises(ValueError, match="'nope', allowed are batch"):
        icon("nope")


def test_the_app_icon_has_its_sizes(qapp):
    sizes = {size.width() for size in app_icon().availableSizes()}
    assert sizes == {16, 24, 32, 48, 64, 128, 256, 512}


def test_the_desktop_entry_starts_the_window_with_a_file():
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read(RESOURCES / "text2fx-studio.desktop", encoding="utf-8")
    entry = parser["Desktop Entry"]
    assert entry["Exec"] == "text2fx gui %f"
    assert (RESOURCES / "app" / f"{entry['Icon']}.svg").is_file()
    assert all(entry[key].endswith(";") for key in ("Categories", "Keywords", "MimeType"))


def test_the_metainfo_names_the_desktop_entry():
    root = ET.parse(RESOURCES / "text2fx-studio.metainfo.xml").getroot()
    assert root.findtext("launchable") == "text2fx-studio.desktop"
    assert root.findtext("project_license") == "GPL-3.0-or-later"


def test_an_icon_that_is_copied_and_changed_outlives_its_maker(qapp, theme: Theme):
    gc.freeze()  # what other tests left need not be gone through fifty times
    try:
        for _ in range(50):
            copied = QIcon(icon("stop", "wet"))
            copied.addPixmap(QPixmap(4, 4))  # Qt clones the engine
            gc.collect()
            assert QColor(DARK.wet).name() in _ink(copied.pixmap(QSize(24, 24), 1.0).toImage())
    finally:
        gc.unfreeze()
