"""The process that a plugin lives in: ``python -m text2fx_studio.plugins.worker``.

It reads requests from stdin and answers on stdout until stdin ends. Whatever the plugin prints
goes to stderr. The main thread does everything, because it becomes JUCE's message thread.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from text2fx_studio.errors import PluginError
from text2fx_studio.plugins.messages import Array, read_message, write_message

Reply = tuple[dict[str, Any], tuple[Array, ...]]


class Worker:
    """Answers requests about one plugin."""

    def __init__(self) -> None:
        self._plugin: Any = None
        self._held: list[tuple[np.ndarray, float]] = []
        self._deck: Any = None
        self._operations: dict[str, Callable[[dict[str, Any], list[Any]], Reply]] = {
            "names": self._names,
            "load": self._load,
            "parameters": self._parameters,
            "find": self._find,
            "set": self._set,
            "state": self._state,
            "restore": self._restore,
            "start": self._start,
            "process": self._process,
            "hold": self._hold,
            "run_held": self._run_held,
            "edit": self._edit,
            "deck": self._make_deck,
            "deck_restart": self._restart_deck,
            "deck_play": self._play_deck,
            "deck_change": self._change_deck,
        }

    def answer(self, request: dict[str, Any], arrays: list[Any]) -> Reply:
        """Carry out one request."""
        operation = self._operations.get(str(request.get("op")))
        if operation is None:
            raise PluginError(f"unknown request {request.get('op')!r}")
        return operation(request, arrays)

    def _names(self, request: dict[str, Any], _arrays: list[Any]) -> Reply:
        from text2fx_studio.plugins.native import names_in

        return {"names": names_in(Path(request["path"]))}, ()

    def _load(self, request: dict[str, Any], _arrays: list[Any]) -> Reply:
        from text2fx_studio.plugins.native import NativePlugin, names_in

        path = Path(request["path"])
        name = request.get("name") or names_in(path)[0]
        self._plugin = NativePlugin(path, name)
        return {"plugin": self._plugin.describe()}, ()

    def _parameters(self, _request: dict[str, Any], _arrays: list[Any]) -> Reply:
        return {"parameters": [p.to_data() for p in self._plugin.parameters()]}, ()

    def _find(self, request: dict[str, Any], _arrays: list[Any]) -> Reply:
        return {"raw": self._plugin.raw_for(request["key"], request["value"])}, ()

    def _set(self, request: dict[str, Any], _arrays: list[Any]) -> Reply:
        self._plugin.set_raw(request["values"])
        return {}, ()

    def _state(self, _request: dict[str, Any], _arrays: list[Any]) -> Reply:
        return {}, (np.frombuffer(self._plugin.state(), dtype=np.uint8),)

    def _restore(self, _request: dict[str, Any], arrays: list[Any]) -> Reply:
        self._plugin.set_state(arrays[0].tobytes())
        return {}, ()

    def _start(self, request: dict[str, Any], _arrays: list[Any]) -> Reply:
        self._plugin.start(int(request["channels"]), float(request["sample_rate"]))
        return {}, ()

    def _process(self, _request: dict[str, Any], arrays: list[Any]) -> Reply:
        return {}, (self._plugin.process(arrays[0]),)

    def _hold(self, request: dict[str, Any], arrays: list[Any]) -> Reply:
        self._held = [(array, float(request["sample_rate"])) for array in arrays]
        return {}, ()

    def _run_held(self, request: dict[str, Any], _arrays: list[Any]) -> Reply:
        from text2fx_studio.plugins.passage import whole

        self._plugin.set_raw(request["values"])
        return {}, tuple(whole(self._plugin, sound, rate) for sound, rate in self._held)

    def _make_deck(self, request: dict[str, Any], arrays: list[Any]) -> Reply:
        from text2fx_studio.plugins.deck import Deck
        from text2fx_studio.plugins.native import names_in

        path = Path(request["path"])
        self._deck = Deck(path, request.get("name") or names_in(path)[0])
        channels, rate = int(request["channels"]), float(request["sample_rate"])
        self._deck.start(channels, rate, arrays[0].tobytes())
        return {"latency": self._deck.latency_frames}, ()

    def _restart_deck(self, _request: dict[str, Any], _arrays: list[Any]) -> Reply:
        self._deck.restart()
        return {"latency": self._deck.latency_frames}, ()

    def _play_deck(self, _request: dict[str, Any], arrays: list[Any]) -> Reply:
        return {}, (self._deck.play(arrays[0]),)

    def _change_deck(self, request: dict[str, Any], arrays: list[Any]) -> Reply:
        from text2fx_studio.plugins.deck import Change

        self._deck.change(Change(arrays[0].tobytes(), request["values"]))
        return {"latency": self._deck.latency_frames}, ()

    def _edit(self, request: dict[str, Any], _arrays: list[Any]) -> Reply:
        from text2fx_studio.plugins.editor import show

        show(self._plugin.first, request.get("close_after_s"))
        # What its window changed is in the state only once it is set from outside as well.
        self._plugin.set_raw({p.key: p.raw for p in self._plugin.parameters()})
        return {}, (np.frombuffer(self._plugin.state(), dtype=np.uint8),)


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Answer until the source ends."""
    worker = Worker()
    while True:
        try:
            request, arrays = read_message(source)
        except EOFError:
            return
        try:
            reply, answer = worker.answer(request, arrays)
        except PluginError as error:
            reply, answer = {"error": str(error)}, ()
        except Exception as error:  # whatever a plugin throws is an answer, not an end
            reply, answer = {"error": f"{type(error).__name__}: {error}"}, ()
        write_message(target, reply, answer)


def main() -> None:
    """Keep the real stdout for answers; the plugin gets stderr in its place."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with answers:
        serve(sys.stdin.buffer, answers)
        answers.flush()
    # Some plugins crash while they are being taken apart; there is nothing left to lose.
    os._exit(0)


if __name__ == "__main__":
    main()
