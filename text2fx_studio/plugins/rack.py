"""A chain with other makers' plugins before and after it, as one stream for the renderer."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from text2fx_studio.errors import PluginMissingError
from text2fx_studio.plugins.host import PluginHost
from text2fx_studio.plugins.hosted import HostedPlugin
from text2fx_studio.plugins.library import open_plugin, resolve

if TYPE_CHECKING:
    from dsp.chain import Chain
    from dsp.render import RenderReport
    from text2fx_studio.preset import Preset

Samples = NDArray[np.float32]


class Rack:
    """The plugins of a setting, loaded, each in a process of its own. A context manager.

    Attributes:
        hosts: The loaded plugins with their places, in signal order; bypassed ones are not loaded.
        missing: Names of the plugins that are not installed here and were left out.
    """

    def __init__(self, plugins: Sequence[HostedPlugin], *, skip_missing: bool = False) -> None:
        """Load every enabled plugin and restore its state.

        Args:
            plugins: In signal order.
            skip_missing: Leave out plugins that are not installed, in place of an error.

        Raises:
            PluginMissingError: One is not installed.
            PluginError: One cannot be loaded or refuses its state.
        """
        self.hosts: list[tuple[HostedPlugin, PluginHost]] = []
        missing = []
        with ExitStack() as opened:
            for plugin in plugins:
                if not plugin.enabled:
                    continue
                try:
                    host = opened.enter_context(open_plugin(resolve(plugin)))
                except PluginMissingError:
                    if not skip_missing:
                        raise
                    missing.append(plugin.name)
                    continue
                host.restore(plugin.state)
                self.hosts.append((plugin, host))
            self._open = opened.pop_all()
        self.missing = tuple(missing)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all plugins' processes."""
        self._open.close()

    def make_stream(self, chain: Chain, sample_rate: int, channels: int) -> RackStream:
        """For ``dsp.render.render_file(make_stream=...)``."""
        return RackStream(self, chain, sample_rate, channels)

    def process(
        self, sound: Samples, sample_rate: int, chain: Chain, *, tail: bool = False
    ) -> Samples:
        """A sound in memory, float32 of shape [channels, n], through plugins and chain."""
        stream = self.make_stream(chain, sample_rate, len(sound))
        return np.concatenate(list(stream.run([sound], tail=tail)), axis=1)


class RackStream:
    """Plugins before, the chain, plugins after; a ``dsp.render.SoundStream``.

    Attributes:
        tail_frames: Of the chain; the plugins' tails are known only when they have rung out.
    """

    def __init__(self, rack: Rack, chain: Chain, sample_rate: int, channels: int) -> None:
        """Args: ``sample_rate`` in Hz, ``channels`` 1 to 8."""
        from dsp.render_graph import ChainStream

        self._rack, self._rate, self._channels = rack, sample_rate, channels
        self._chain = ChainStream(chain, sample_rate, channels)
        self.tail_frames = self._chain.tail_frames

    def run(self, blocks: Iterable[Samples], *, tail: bool = True) -> Iterator[Samples]:
        """Process a sound from its start to its end, see ``dsp.render_graph.ChainStream.run``."""
        sound = self._through("before", blocks, tail=tail)
        sound = self._chain.run(sound, tail=tail)
        return iter(self._through("after", sound, tail=tail))

    def _through(self, place: str, blocks: Iterable[Samples], *, tail: bool) -> Iterable[Samples]:
        for plugin, host in self._rack.hosts:
            if plugin.place == place:
                blocks = host.run(blocks, self._rate, self._channels, tail=tail)
        return blocks


def render_preset(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    preset: Preset,
    *,
    skip_missing: bool = False,
    tail: bool = True,
    overwrite: bool = False,
    progress: Callable[[float], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> RenderReport:
    """Render a file through a preset, its plugins included; see ``dsp.render.render_file``.

    Args:
        source: The recording.
        target: Where the result goes.
        preset: Chain and plugins.
        skip_missing: Leave out plugins that are not installed; a note says so.
        tail: Whether reverbs and plugins ring out.
        overwrite: Whether an existing target may be replaced.
        progress: Called with 0..1.
        cancel: Asked as often; True stops at once.

    Raises:
        PluginMissingError: A plugin is not installed.
        PluginError: A plugin cannot be loaded, refuses its state, crashes or hangs.
        AudioFileError: As ``dsp.render.render_file``.
    """
    from dataclasses import replace

    from dsp.render import render_file

    options: dict[str, Any] = {
        "tail": tail, "overwrite": overwrite, "progress": progress, "cancel": cancel,
    }  # fmt: skip
    with Rack(preset.plugins, skip_missing=skip_missing) as rack:
        if rack.hosts:
            options["make_stream"] = rack.make_stream
        report = render_file(source, target, preset.chain, **options)
    if not rack.missing:
        return report
    said = tuple(f"plugin {name} is not installed here and was left out" for name in rack.missing)
    return replace(report, notes=(*report.notes, *said))
