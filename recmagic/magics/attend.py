"""Hears the page while a cell runs: a page that was reloaded asks what the kernel holds before it shows any view.

A kernel takes one request of its main shell at a time, so questions that only concern views wait for the end of the
cell: a page that is reloaded during a training would show "Loading widget…" until then. JupyterLab gives views a shell
of their own only once such a question is answered. This uses ipykernel's own parts (7.1 to 7.4); where they look
different, nothing is heard, and nothing breaks.
"""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import zmq

ABOUT_VIEWS = {"comm_open", "comm_msg", "comm_close", "comm_info_request", "kernel_info_request"}
PARTS = ("shell_channel_thread", "shell_handlers", "session", "get_parent", "set_parent")


class Attention:
    """Answers what has been asked about views each time it is called, and keeps all else for later, in its order."""

    def __init__(self, kernel: Any) -> None:
        self.kernel, self.kept = kernel, list[Any]()
        self.stream: Any = None  # where the kernel's main shell hears
        whole = kernel is not None and all(getattr(kernel, part, None) is not None for part in PARTS)
        manager = getattr(kernel.shell_channel_thread, "manager", None) if whole else None
        if manager is not None and hasattr(manager, "get_shell_channel_to_subshell_pair") and _in_a_loop():
            pair = manager.get_shell_channel_to_subshell_pair(None)
            self.questions, self.stream = pair.to_socket, pair.to_stream
            self.answers = manager.get_subshell_to_shell_channel_socket(None)

    def __call__(self) -> None:
        """Answer what waits. In the main thread only, which is the one that runs the cell."""
        while self.stream is not None:
            try:
                message = self.questions.recv_multipart(zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return
            if not self._answered(message):
                self.kept.append(message)

    def close(self) -> None:
        """Hand what was kept to the kernel as its stream would have: behind what that has read, before what is to come.
        """
        for message in self.kept:
            self.stream._run_callback(self.stream._recv_callback, message)
        self.kept = []

    def _answered(self, message: list[Any]) -> bool:
        """Answer a question about views as the kernel does; False for any other."""
        kernel = self.kernel
        try:
            ident, parts = kernel.session.feed_identities(message, copy=False)
            kind = kernel.session.unpack(parts[1].bytes)["msg_type"]
        except Exception:  # not a message of the protocol: the kernel says what is wrong with it
            return False
        if kind not in ABOUT_VIEWS:
            return False  # unread: a session takes a message that it has read before for a forged one
        request = kernel.session.deserialize(parts, content=True, copy=False)
        cell, of = kernel.get_parent("shell"), kernel._get_shell_context_var(kernel._shell_parent_ident)
        kernel.set_parent(ident, request, channel="shell")
        try:
            _finish(kernel.shell_handlers[kind](self.answers, ident, request))
        finally:
            if kind.endswith("_request"):  # which the page takes for answered once the kernel is idle again
                kernel._publish_status("idle", "shell", request)
                kernel._publish_status("busy", "shell", cell)
            kernel.set_parent(of, cell, channel="shell")
        return True


def _in_a_loop() -> bool:
    """Whether the kernel's own loop runs this cell; elsewhere, nothing could be handed back to it."""
    try:
        return asyncio.get_running_loop() is not None
    except RuntimeError:
        return False


def _finish(work: Any) -> None:
    """Run a handler to its end; those about views wait for nothing."""
    if inspect.iscoroutine(work):
        try:
            work.send(None)
        except StopIteration:
            return
        work.close()
