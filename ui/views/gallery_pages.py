"""The gallery's pages: presets, export, batch, rack, settings."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from ui.views import gallery_data as data
from ui.views.batch_model import BatchRow
from ui.views.batch_page import BatchPage
from ui.views.export_model import ExportRow
from ui.views.export_panel import ExportPanel
from ui.views.frame import framed
from ui.views.preset_model import PresetItem
from ui.views.presets_browser import PresetsBrowser
from ui.views.rack_page import AvailablePlugin, RackPage
from ui.views.rack_slots import RackSlot
from ui.views.settings_page import SettingsPage

_WARM = Chain((Equalizer({"low_shelf_gain_db": 3.0, "bell_5_gain_db": -2.5}),))
_PHONE = Chain((Equalizer({"high_pass_frequency_hz": 400.0, "low_pass_frequency_hz": 3200.0}),))
_HALL = Chain((Reverb({"t60_s": 4.0, "wet_db": -9.0, "damping": 0.5}),))
_PLATE = Chain((Equalizer({"high_shelf_gain_db": 4.0}), Reverb({"t60_s": 1.2, "wet_db": -14.0})))
PRESETS = (
    PresetItem("warm-vocal", "Warm vocal", "factory", "Body in the low mids, softer sibilance.",
               ("voice", "music", "warm"), _WARM, "warm and full-bodied", "fxsem", True),
    PresetItem("telephone", "Telephone", "factory", "The band of an old handset.",
               ("voice", "device"), _PHONE, "coming through an old telephone", "fxsem"),
    PresetItem("cathedral", "Cathedral", "factory", "Long and dark, far from the choir.",
               ("space", "large"), _HALL, "in a huge cathedral", "fxsem"),
    PresetItem("bright-plate", "Bright plate", "factory", "Short, dense, shining.",
               ("space", "voice"), _PLATE, "", ""),
    PresetItem("drum-punch", "Drum punch", "factory", "", ("drums", "music"), _WARM),
    PresetItem("night", "Late night host", "user", "For the Tuesday show.",
               ("voice", "podcast"), _PLATE, "close and dark, like late night radio", "fxsem"),
    PresetItem("broken", "broken.t2fx.json", "user",
               error="bell_2_gain_db: found 77, allowed is -18 to 18 dB"),
)  # fmt: skip
EXPORTS = (
    ExportRow("audio", "Rendered recording (WAV, 48 kHz, 24 bit)", "every program"),
    ExportRow("ir", "Impulse response (WAV)", "any convolution reverb",
              checked="convolved with it: the renderer's own sound"),
    ExportRow("equalizer-apo", "Equalizer APO text", "Equalizer APO, Peace",
              notes=("The room is beside it as a WAV.",)),
    ExportRow("lv2-lsp", "LV2 preset for LSP Parametric Equalizer x16", "Ardour, Carla, REAPER",
              "lossy", ("the reverb",), ("Copy the folder to where LV2 presets are kept.",),
              "lilv, lv2apply on noise, Ardour 7.3"),
    ExportRow("dawproject", "DAWproject", "Bitwig Studio, Studio One, Cubase 14", "approximate"),
    ExportRow("reaeq", "ReaEQ program (.fxp)", "REAPER", "lossy", ("the reverb",),
              experimental=True),
    ExportRow("vstpreset", "VST3 presets of hosted plugins", "Cubase, Studio One", "nothing"),
)  # fmt: skip
BATCH = (
    BatchRow("a", "dialogue/scene_01_take_3.wav", "done", 1, 0.18, 0.41, 2.1, "", "out/a.wav"),
    BatchRow("b", "dialogue/scene_01_take_4.wav", "done", 1, 0.22, 0.39, 1.9, "", "out/b.wav"),
    BatchRow("c", "dialogue/scene_02_take_1.wav", "failed", 0, None, None, 0.1,
             "the file ends before its header says so: 3.2 of 41.0 s are there"),
    BatchRow("d", "foley/steps on gravel.flac", "running", 0.62),
    BatchRow("e", "foley/door (heavy).wav", "queued"),
    BatchRow("f", "foley/silence.wav", "skipped", 0, None, None, 0.0, "digital silence"),
    BatchRow("g", "музыка/тема.ogg", "done", 1, 0.31, 0.30, 2.4,
             "no better than dry: copied as it is", "out/g.wav"),
    BatchRow("h", "musik/schluss.aiff", "cancelled"),
)  # fmt: skip
_PARAMETERS = (
    {"key": "threshold", "name": "Threshold", "unit": "dB", "raw": 0.45, "text": "−18.0 dB",
     "default": 0.5, "choices": ()},
    {"key": "ratio", "name": "Ratio", "unit": "", "raw": 0.2, "text": "3.0 : 1", "default": 0.15,
     "choices": ()},
    {"key": "attack", "name": "Attack", "unit": "ms", "raw": 0.1, "text": "10.0 ms",
     "default": 0.1, "choices": ()},
    {"key": "release", "name": "Release", "unit": "ms", "raw": 0.4, "text": "120 ms",
     "default": 0.4, "choices": ()},
    {"key": "detector", "name": "Detector", "unit": "", "raw": 0.0, "text": "Peak",
     "default": 0.0, "choices": ("Peak", "RMS")},
    {"key": "makeup", "name": "Make-up gain after the compressor", "unit": "dB", "raw": 0.3,
     "text": "+4.0 dB", "default": 0.0, "choices": ()},
)  # fmt: skip
SLOTS = (
    RackSlot("1", "ZamComp", detail="Damien Zammit · VST3 · 4.1 · no latency",
             parameters=_PARAMETERS),
    RackSlot("own", "Equalizer → Reverb", own=True,
             detail="The app's own effects: what the search sets."),
    RackSlot("2", "ZamGate", enabled=False, detail="Damien Zammit · VST3 · 4.1"),
    RackSlot("3", "Tape Machine", missing=True, detail="Someone · VST3 · 2.0"),
)  # fmt: skip
PLUGINS = (
    AvailablePlugin("zamcomp", "ZamComp", "Damien Zammit", "Dynamics"),
    AvailablePlugin("zameq2", "ZamEQ2", "Damien Zammit", "EQ"),
    AvailablePlugin("zamtube", "ZamTube", "Damien Zammit", "Distortion"),
    AvailablePlugin("bad", "HangsForever", "Nobody", "", "it did not answer within 20 s"),
)


def presets(*, empty: bool = False) -> QWidget:
    """The presets' browser."""
    page = PresetsBrowser()
    page.set_items(PRESETS)
    page.select("warm-vocal")
    if empty:
        page._scope.button("favourite").click()
        page._search.setText("zzz")
    return framed(page, 900, 480)


def export(*, done: bool = False) -> QWidget:
    """The export's targets."""
    page = ExportPanel()
    page.set_rows(EXPORTS)
    page.set_setting_name("warm and full-bodied, 82 %")
    page.table.selectRow(3)
    for row in (1, 3):
        index = page._model.index(row, 0)
        page._model.setData(index, 2, 10)
    page.set_folder("~/Music/exports")
    if done:
        page.add_result("/tmp/warm.wav", "warm-and-full-bodied.wav")  # noqa: S108
        page.add_result("", "LSP preset", "there is a file of that name; it was not touched")
    return framed(page, 860, 560 if done else 460)


def batch(*, rows: tuple[BatchRow, ...] = BATCH, running: bool = True) -> QWidget:
    """The batch, running."""
    page = BatchPage()
    page.add_rows(rows)
    page.field.set_prompt(data.PROMPT if rows else "")
    page.set_output("~/Sounds/shaped" if rows else "")
    page.set_running(running)
    page.set_eta_s(200.0)
    return framed(page, 980, 460)


def rack(*, row: int = 0, choice: bool = False) -> QWidget:
    """The rack with a plugin's parameters, or with what can be added."""
    page = RackPage()
    page.set_slots(SLOTS)
    page.set_available(PLUGINS)
    page.slots.setCurrentIndex(page._model.index(row, 0))
    page.show_choice(choice)
    return framed(page, 820, 380)


def settings() -> QWidget:
    """The settings, with a checkpoint that was checked."""
    page = SettingsPage()
    page.set_outputs(["Built-in Output", "USB Interface"], "USB Interface")
    page.set_values(
        {"encoder": "laion", "checkpoint": "~/models/music_audioset.pt", "theme": "dark",
         "level_match": True, "cache_limit_mb": 2000, "seed": 0,
         "plugin_folders": ["~/.vst3", "/opt/plugins/vst3"]}
    )  # fmt: skip
    page.set_checkpoint_status("✓ LAION-CLAP, HTSAT-base, 2.3 GB: whole, two texts tell apart",
                               "good")  # fmt: skip
    page.set_cache_used_mb(412)
    return framed(page, 760, 620)


SCENES: dict[str, Callable[[], QWidget]] = {
    "presets": presets,
    "presets-none": lambda: presets(empty=True),
    "export": export,
    "export-done": lambda: export(done=True),
    "batch": batch,
    "batch-empty": lambda: batch(rows=(), running=False),
    "rack": rack,
    "rack-missing": lambda: rack(row=3),
    "rack-add": lambda: rack(choice=True),
    "settings": settings,
}
