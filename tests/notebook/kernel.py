"""A real kernel for tests: run a cell, see what the front end would see."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass, field
from typing import Any

from jupyter_client.manager import start_new_kernel

ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Result:
    """What one cell sent: the returned value's mimebundle, streams, displays, its error, and what widgets showed."""

    data: dict[str, Any] = field(default_factory=dict)
    displays: list[dict[str, Any]] = field(default_factory=list)
    stream: str = ""
    error: str = ""
    ename: str = ""
    live: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.data.get("text/plain", "")

    @property
    def html(self) -> str:
        return self.data.get("text/html", "")


class Kernel:
    """A started kernel, of the backend of this process or another; `run` executes a cell and waits for it."""

    def __init__(self, backend: str = "") -> None:
        environment = {**os.environ, **({"KERAS_BACKEND": backend} if backend else {})}
        self.manager, self.client = start_new_kernel(kernel_name="python3", startup_timeout=120, env=environment)

    def run(self, code: str, *, timeout: float = 120, interrupt_after: str = "", presses: int = 1,
            cell: str = "") -> Result:
        """Run a cell; press stop, once or more, when a stream or a widget has shown the pattern `interrupt_after`.

        `cell` says which of the page's cells it is, as notebooks do.
        """
        message, result, pressed = self._sent(code, cell), Result(), False
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            reply = self.client.get_iopub_msg(timeout=timeout)
            if reply["parent_header"].get("msg_id") != message:
                continue
            kind, content = reply["msg_type"], reply["content"]
            shown = kind in ("stream", "comm_msg") and re.search(interrupt_after, str(content))
            if interrupt_after and shown and not pressed:
                pressed = True
                for press in range(presses):
                    time.sleep(0.05 * min(press, 1))  # a signal that is pending swallows another
                    self.manager.interrupt_kernel()
            if kind == "status" and content["execution_state"] == "idle":
                self.client.get_shell_msg(timeout=timeout)
                return result
            _take(result, kind, content)
        raise TimeoutError(f"the cell did not end within {timeout} s: {code}")

    def _sent(self, code: str, cell: str) -> str:
        """Ask for a cell to be run, and return the number of the message."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False,
                   "stop_on_error": True}
        message = self.client.session.msg("execute_request", content, metadata={"cellId": cell} if cell else {})
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def _take(result: Result, kind: str, content: dict[str, Any]) -> None:
    if kind == "execute_result":
        result.data = content["data"]
    elif kind in ("display_data", "update_display_data"):
        result.displays.append(content["data"])
    elif kind == "stream":
        result.stream += content["text"]
    elif kind == "comm_msg":
        state = content["data"].get("state", {})
        result.live += [value for value in [state.get("state")] if isinstance(value, dict)]
    elif kind == "error":
        result.ename = content["ename"]
        result.error = ANSI.sub("", "\n".join(content["traceback"]))
