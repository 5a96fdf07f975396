"""A JupyterLab of its own, with its own folders and no network, and a page of Debian's chromium in it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
IDLE = '.jp-Notebook-ExecutionIndicator[data-status="idle"]'


class Lab:
    """JupyterLab over a folder of notebooks; `dark` chooses its theme, `launcher` and `environment` what runs it."""

    def __init__(self, notebooks: Path, home: Path, *, dark: bool = False, launcher: Sequence[str] = (sys.executable,),
                 environment: Mapping[str, str] = os.environ) -> None:
        theme = {"theme": "JupyterLab Dark" if dark else "JupyterLab Light"}
        for name, content in {**SETTINGS, "apputils-extension/themes": theme}.items():
            file = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(content))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        folders = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime",
                   "IPYTHONDIR": "ipython", "JUPYTERLAB_SETTINGS_DIR": "settings",
                   "JUPYTERLAB_WORKSPACES_DIR": "spaces"}
        settled = {**environment, **{name: str(home / folder) for name, folder in folders.items()}}
        command = f"-m jupyterlab --no-browser --allow-root --expose-app-in-browser --ServerApp.port={port}".split()
        options = ["--IdentityProvider.token=", f"--ServerApp.root_dir={notebooks}"]
        with (home / "lab.log").open("w") as log:
            self.process = subprocess.Popen(
                [*launcher, *command, *options], env=settled, stdout=log, stderr=log
            )
        self._wait()

    def open(self, browser: Any, name: str) -> Any:
        """Return a page with that notebook open and its kernel ready."""
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.goto(f"{self.url}/lab/tree/{name}?reset")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell .cm-content", timeout=90_000)
        # Cells that are run before the session has its kernel end in a dialog that asks for one.
        page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.ready.then(() => null)")
        kernel = "window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel"
        page.wait_for_function(f"{kernel}?.status === 'idle'")
        page.wait_for_selector(IDLE, timeout=90_000)
        return page

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:  # it waits for its kernels, which a busy machine may keep it from
            self.process.kill()
            self.process.wait()

    def _wait(self) -> None:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.url}/api", timeout=1).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise TimeoutError("JupyterLab did not start")


def run_all(page: Any, timeout: int = 180, *, errors: int = 0, start: bool = True) -> None:
    """Run every cell, or wait for what has been started, until the last one has its number and the kernel is idle.

    errors: so many cells end in one on purpose.
    """
    if start:
        page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
    last = page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").last
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        if last.inner_text().strip(" []:").isdigit():
            page.wait_for_selector(IDLE, timeout=timeout * 1000)
            return
        failed = page.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]').count()
        assert failed <= errors, f"{failed} cells ended in an error"
        page.wait_for_timeout(500)
    raise TimeoutError(f"the notebook did not end within {timeout} s")
