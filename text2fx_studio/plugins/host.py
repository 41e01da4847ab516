"""The app's side of a plugin's process: start it, ask it with a time limit, survive its death."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO, Self, cast

import numpy as np
from numpy.typing import NDArray

from text2fx_studio.errors import CancelledError, PluginCrashError, PluginError
from text2fx_studio.plugins.messages import Array, read_message, write_message
from text2fx_studio.plugins.parameter import PluginParameter
from text2fx_studio.plugins.passage import stream

LOAD_TIMEOUT_S = 30.0
ANSWER_TIMEOUT_S = 30.0
PROCESS_TIMEOUT_S = 120.0  # of one chunk of 1.4 s at 48 kHz
_ROOT = Path(__file__).resolve().parents[2]
_LAST_WORDS = 400  # bytes of stderr in a message

Samples = NDArray[np.float32]


class PluginProcess:
    """A worker process; a context manager that leaves no process behind.

    Attributes:
        label: The plugin, for messages.
    """

    def __init__(self, label: str) -> None:
        """Start it; no plugin is loaded yet."""
        self.label = label
        self._lock = threading.Lock()  # one request at a time, whoever asks
        self._stopped = False
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives with the process
        # -P: no module from the folder that the user happens to be in.
        paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "text2fx_studio.plugins.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            start_new_session=True,  # Ctrl-C is for the app, which ends this in order
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the process; waits a second, then kills it."""
        if self._process.stdin is not None:
            _close_quietly(self._process.stdin)
        try:
            self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._errors):
            if pipe is not None:
                _close_quietly(pipe)

    def stop(self) -> None:
        """Kill it now, from any thread; a request under way ends as cancelled."""
        self._stopped = True
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)

    def ask(
        self, op: str, *arrays: Array, timeout_s: float | None = ANSWER_TIMEOUT_S, **fields: Any
    ) -> tuple[dict[str, Any], list[Array]]:
        """One request and its answer.

        Args:
            op: What to do, see ``worker``.
            *arrays: float32 or uint8.
            timeout_s: The process is killed after it; None waits for ever.
            **fields: Plain data.

        Raises:
            PluginCrashError: The process died, or did not answer in time and was killed.
            PluginError: The plugin refused.
            CancelledError: It was stopped by :meth:`stop`.
        """
        with self._lock:
            reply, answer = self._exchange(op, arrays, timeout_s, fields)
        if "error" in reply:
            raise PluginError(str(reply["error"]))
        return reply, answer

    def _exchange(
        self,
        op: str,
        arrays: tuple[Array, ...],
        timeout_s: float | None,
        fields: dict[str, Any],
    ) -> tuple[dict[str, Any], list[Array]]:
        hung = threading.Event()

        def kill() -> None:
            hung.set()
            self._process.kill()

        timer = threading.Timer(timeout_s, kill) if timeout_s is not None else None
        if timer is not None:
            timer.daemon = True
            timer.start()
        try:
            write_message(cast(BinaryIO, self._process.stdin), {"op": op, **fields}, arrays)
            return read_message(cast(BinaryIO, self._process.stdout))
        except (EOFError, OSError, ValueError) as error:
            if self._stopped:
                raise CancelledError(f"{self.label}: was stopped") from error
            if hung.is_set():
                self._process.wait()
                raise PluginCrashError(
                    f"{self.label}: did not answer within {timeout_s:g} s and was stopped"
                ) from error
            raise PluginCrashError(f"{self.label}: {self._obituary()}") from error
        finally:
            if timer is not None:
                timer.cancel()
                timer.join()

    def _obituary(self) -> str:
        code = self._process.wait()
        if code < 0:
            try:
                how = f"crashed ({signal.Signals(-code).name})"
            except ValueError:
                how = f"crashed (signal {-code})"
        else:
            how = f"ended by itself (exit code {code})"
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(self._errors.tell() - _LAST_WORDS, 0))
        said = " ".join(self._errors.read().decode(errors="replace").split())
        return f"{how}; its last words: {said}" if said else how


class PluginHost:
    """One loaded plugin in a process of its own. A context manager.

    Attributes:
        description: Name, format, identifier, manufacturer, version, category, instrument,
            latency_samples and widths (channel counts that it takes).
    """

    def __init__(
        self,
        path: Path,
        name: str | None = None,
        *,
        timeout_s: float = LOAD_TIMEOUT_S,
        on_start: Callable[[PluginProcess], None] | None = None,
    ) -> None:
        """Load a plugin.

        Args:
            path: Of the ``.vst3`` or ``.component``.
            name: Which one, where the file holds several; None for the first.
            timeout_s: For loading.
            on_start: Told of the process before it loads, so that it can be stopped.

        Raises:
            PluginError: It cannot be loaded.
            PluginCrashError: Loading it crashed or hung.
        """
        self.path = path
        self._process = PluginProcess(name or path.stem)
        try:
            if on_start is not None:
                on_start(self._process)
            reply, _ = self._process.ask("load", path=str(path), name=name, timeout_s=timeout_s)
        except BaseException:
            self._process.close()
            raise
        self.description: dict[str, Any] = reply["plugin"]
        self._process.label = str(self.description["name"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the plugin's process."""
        self._process.close()

    @property
    def name(self) -> str:
        """The plugin's name."""
        return str(self.description["name"])

    def parameters(self) -> list[PluginParameter]:
        """All settings of the sound, with their present values in the plugin's own units."""
        reply, _ = self._process.ask("parameters")
        return [PluginParameter.from_data(data) for data in reply["parameters"]]

    def set_raw(self, values: dict[str, float]) -> None:
        """Set parameters by key on the plugin's raw scale, 0..1."""
        self._process.ask("set", values=values)

    def set(self, values: dict[str, str | float]) -> None:
        """Set parameters by key in the plugin's own units, exactly, or by their texts.

        Raises:
            PluginError: A parameter is unknown, or never shows that value.
        """
        self.set_raw({key: self.raw_for(key, value) for key, value in values.items()})

    def raw_for(self, key: str, value: str | float) -> float:
        """The raw value at which a parameter shows ``value``."""
        reply, _ = self._process.ask("find", key=key, value=value)
        return float(reply["raw"])

    def state(self) -> bytes:
        """The whole state, as a preset keeps it."""
        _, (state,) = self._process.ask("state")
        return state.tobytes()

    def restore(self, state: bytes) -> None:
        """Restore a state; empty does nothing.

        Raises:
            PluginError: It is not a state of this plugin.
        """
        if state:
            self._process.ask("restore", np.frombuffer(state, dtype=np.uint8))

    def run(
        self, blocks: Iterable[Samples], sample_rate: float, channels: int, *, tail: bool
    ) -> Iterator[Samples]:
        """Process a sound from its start; see :func:`text2fx_studio.plugins.passage.stream`."""
        self._process.ask("start", sample_rate=sample_rate, channels=channels)

        def process(chunk: Samples) -> Samples:
            _, (out,) = self._process.ask("process", chunk, timeout_s=PROCESS_TIMEOUT_S)
            if not np.isfinite(out).all():
                raise PluginError(
                    f"{self.name}: gave samples that are not numbers (NaN or infinity); set its "
                    "parameters to milder values, or bypass it"
                )
            return cast(Samples, out)

        return stream(process, blocks, sample_rate, channels, tail=tail)

    def process(self, sound: Samples, sample_rate: float, *, tail: bool = False) -> Samples:
        """A sound in memory, float32 of shape [channels, n], at its own length (plus the tail)."""
        parts = list(self.run([sound], sample_rate, len(sound), tail=tail))
        return np.concatenate(parts, axis=1) if parts else sound

    def hold(self, sounds: list[Samples], sample_rate: float) -> None:
        """Leave sounds with the plugin, to be run again and again by :meth:`run_held`."""
        self._process.ask("hold", *sounds, sample_rate=sample_rate)

    def run_held(self, values: dict[str, float]) -> list[Samples]:
        """Set raw values and run the held sounds; each comes back at its own length."""
        _, sounds = self._process.ask("run_held", values=values, timeout_s=PROCESS_TIMEOUT_S)
        return [cast(Samples, sound) for sound in sounds]

    def edit(self, *, close_after_s: float | None = None) -> bytes:
        """Show the plugin's own window until it is closed.

        Args:
            close_after_s: Close it by itself after this time; None waits for the user.

        Returns:
            The state that it was left in.

        Raises:
            PluginError: There is no screen, or the plugin has no window.
        """
        _, (state,) = self._process.ask("edit", timeout_s=None, close_after_s=close_after_s)
        return state.tobytes()


def _close_quietly(pipe: Any) -> None:
    try:
        pipe.close()
    except OSError:
        return  # the other side died with bytes on their way
