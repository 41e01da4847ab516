"""What the engine's process does for the rack; handlers as in ``job_handlers``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from text2fx_studio.job_handlers import Line


def scan_plugins(
    line: Line, *, folders: tuple[str, ...] = (), rescan: bool = False, retry: bool = False
) -> dict[str, Any]:
    """Look for plugins; progress carries ``share`` and ``message``.

    Args:
        line: To the other side.
        folders: Further folders beside the system's own.
        rescan: Whether to load all again.
        retry: Whether to load those again that are quarantined.

    Returns:
        ``plugins``: ``PluginInfo.to_data()`` of each.
    """
    from text2fx_studio.plugins.folders import plugin_folders
    from text2fx_studio.plugins.library import scan

    found = scan(
        folders=(*plugin_folders(), *map(Path, folders)),
        rescan=rescan,
        retry=retry,
        progress=lambda done, total, name: line.progress(share=done / max(total, 1), message=name),
        cancel=line.cancelled,
    )
    return {"plugins": [info.to_data() for info in found]}


def render_rack(
    line: Line,
    *,
    source: str,
    target: str,
    preset: Mapping[str, Any],
    skip_missing: bool = False,
    tail: bool = True,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Render a file through a preset with its plugins; progress carries ``share``.

    Args:
        line: To the other side.
        source: The recording.
        target: Where the result goes.
        preset: ``Preset.to_data()``.
        skip_missing: Whether plugins that are not installed may be left out.
        tail: Whether it rings out.
        overwrite: Whether an existing target may be replaced.

    Returns:
        ``dsp.render.RenderReport.to_data()``.
    """
    from text2fx_studio.plugins.rack import render_preset
    from text2fx_studio.preset import Preset

    report = render_preset(
        source, target, Preset.from_data(preset), skip_missing=skip_missing, tail=tail,
        overwrite=overwrite, progress=lambda share: line.progress(share=share),
        cancel=line.cancelled,
    )  # fmt: skip
    return report.to_data()


def rack_level(
    line: Line, *, path: str, chain: list[Mapping[str, Any]], plugins: list[Mapping[str, Any]]
) -> dict[str, Any]:
    """How much louder chain and rack make a recording, measured on its rendered passages.

    Args:
        line: To the other side.
        path: The recording.
        chain: The setting of the app's own effects.
        plugins: ``HostedPlugin.to_data()`` of each; those that are not installed are left out.

    Returns:
        ``change_db``: loudness of the shaped sound minus that of the dry one, in LU.
    """
    from dsp.chain import Chain
    from text2fx_studio.plugins.hosted import HostedPlugin
    from text2fx_studio.plugins.rack_level import loudness_change_db

    hosted = tuple(HostedPlugin.from_data(plugin) for plugin in plugins)
    change = loudness_change_db(path, Chain.from_data(chain), hosted, cancel=line.cancelled)
    return {"change_db": change}


def search_plugin(
    line: Line,
    *,
    path: str,
    prompt: str,
    plugin: str,
    keys: tuple[str, ...],
    chain: list[Mapping[str, Any]],
    place: str = "after",
    budget: int = 200,
    seed: int = 0,
    device: str = "auto",
) -> dict[str, Any]:
    """CMA-ES through a plugin; progress carries ``share`` and ``score``.

    Args:
        line: To the other side.
        path: The recording.
        prompt: How it should sound.
        plugin: Path or name of the plugin.
        keys: Of its parameters.
        chain: The setting of the app's own effects.
        place: ``before`` or ``after`` the chain.
        budget: Settings to hear.
        seed: The same seed, the same result.
        device: Where the encoder computes.

    Returns:
        ``plugin`` (``HostedPlugin.to_data()`` or None), ``parameters``, ``score_before``,
        ``score_after``, ``evaluations``.
    """
    from dsp.audio_file import AudioReader
    from dsp.chain import Chain
    from text2fx_studio.plugins import search
    from text2fx_studio.plugins.library import find
    from text2fx_studio.search.windows import FileSource

    with AudioReader(path) as reader:
        found = search.search_plugin(
            FileSource(reader, Path(path).name),
            prompt,
            find(plugin),
            keys,
            base=Chain.from_data(chain),
            place="before" if place == "before" else "after",
            budget=budget,
            on_evaluation=lambda done, total, best: line.progress(share=done / total, score=best),
            seed=seed,
            device=device,
            cancel=line.cancelled,
        )
    return {
        "plugin": found.plugin.to_data() if found.plugin is not None else None,
        "parameters": found.parameters,
        "score_before": found.score_before,
        "score_after": found.score_after,
        "evaluations": found.evaluations,
    }


HANDLERS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "scan_plugins": scan_plugins,
    "render_rack": render_rack,
    "rack_level": rack_level,
    "search_plugin": search_plugin,
}
