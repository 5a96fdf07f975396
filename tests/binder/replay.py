"""Replay what Binder does, without docker: python tests/binder/replay.py [NOTEBOOK ...] [--keep FOLDER]

A copy of the tracked files, requirements in a fresh environment, postBuild, and JupyterLab through `start` on one core;
then Chromium opens each notebook of the course, without its outputs, and runs all cells. Told are the environment's
size, the seconds from a server that is up to the first list of recommendations, and each kernel's largest memory; the
script fails where one is past its limit. `jupyter-repo2docker --no-build` is asked too where it is on the path.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.browser.lab import CHROMIUM, FLAGS, Lab, run_all  # noqa: E402

ENVIRONMENT, KERNEL, LAUNCH = 1000, 1200, 60  # MB, MB, seconds
CORE = "0"
A_NOTEBOOK = 600  # seconds


def main() -> None:
    """Replay, tell, and fail where a limit is passed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("notebooks", nargs="*", help="names of notebooks (default: all)")
    parser.add_argument("--keep", type=Path, help="a folder for the environment, taken up again if it is there")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        place = asked.keep or Path(made)
        repository, environment = copied(place / "repository"), place / "environment"
        build(repository, environment)
        told = [("environment", megabytes(environment), ENVIRONMENT, "MB")]
        told += run(repository, environment, Path(made), asked.notebooks)
        parses(repository)
    for what, value, limit, unit in told:
        print(f"{what:40} {value:7.0f} {unit}  (limit {limit}){'' if value < limit else '  PAST ITS LIMIT'}")
    sys.exit(any(value >= limit for _, value, limit, _ in told))


def copied(folder: Path) -> Path:
    """Return a folder with the tracked files as they are now, the notebooks without outputs."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True).split("\0")[:-1]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    for path in (folder / "notebooks").glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, path)
    return folder


def build(repository: Path, environment: Path) -> None:
    """Make the environment as repo2docker does: the requirements from the repository's folder, then postBuild."""
    if not environment.exists():
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        pip = [environment / "bin" / "pip", "install", "--quiet", "--no-cache-dir", "-r", "binder/requirements.txt"]
        subprocess.run(pip, cwd=repository, check=True)
    subprocess.run(["binder/postBuild"], cwd=repository, env=inside(environment), check=True)


def inside(environment: Path) -> dict[str, str]:
    """Return the variables of a shell in the environment, and none that leads to another copy of the package."""
    ours = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "KERAS_BACKEND", "OMP_NUM_THREADS")
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    home = {"HOME": str(environment)}  # where `jupyter trust` writes
    return {**kept, **home, "PATH": f"{environment / 'bin'}:{os.environ['PATH']}", "VIRTUAL_ENV": str(environment)}


def run(repository: Path, environment: Path, home: Path, wanted: list[str]) -> list[tuple[str, float, float, str]]:
    """Run the notebooks in Chromium; return what was measured: its name, value, limit and unit."""
    from playwright.sync_api import sync_playwright

    folder, told = repository / "notebooks", []
    start = ["taskset", "-c", CORE, str(repository / "binder" / "start"), str(environment / "bin" / "python")]
    lab = Lab(folder, home, launcher=start, environment=inside(environment))
    up = time.monotonic()
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS, headless=True)
            for path in sorted(folder.glob("*.ipynb")):
                if wanted and path.name not in wanted:
                    continue
                begun, first = time.monotonic(), path.name.startswith("01_")
                page = lab.open(browser, path.name)
                if first:
                    told.append(("launch to the first list", first_list(page) - up, LAUNCH, "s"))
                    busy = sum(map(seconds, [lab.process.pid, *kernels_of(lab.process.pid)]))
                    print(f"until then server and kernel have computed for {busy:.0f} s", flush=True)
                run_all(page, A_NOTEBOOK, errors=expected(path), start=not first)
                kernels = kernels_of(lab.process.pid)
                told.append((path.name, max(map(peak, kernels)), KERNEL, "MB"))
                print(f"{path.name}: {time.monotonic() - begun:.0f} s with its page", flush=True)
                page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown().then(() => null)")
                page.close()
            browser.close()
    finally:
        lab.close()
    return told


def first_list(page: Any) -> float:
    """Start all cells, and return when the first recommendations could be read."""
    page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.locator("table caption", has_text="Recommended by").first.wait_for(timeout=A_NOTEBOOK * 1000)
    return time.monotonic()


def expected(path: Path) -> int:
    """Return how many cells of a notebook are to raise an error."""
    return sum("raises-exception" in cell.metadata.get("tags", []) for cell in nbformat.read(path, 4).cells)


def kernels_of(server: int) -> list[int]:
    """Return the processes of the kernels that a server has started."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return [int(each) for each in children if "ipykernel" in Path(f"/proc/{each}/cmdline").read_text()]


def seconds(process: int) -> float:
    """Return how long a process has computed: on a machine that others load, more is told by it than by the clock."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak(process: int) -> float:
    """Return the most memory that a process has held, in MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024 / 1e6


def megabytes(folder: Path) -> float:
    """Return the size of all files in a folder, in MB."""
    return sum(each.lstat().st_size for each in folder.rglob("*")) / 1e6


def parses(repository: Path) -> None:
    """Have repo2docker read the folder, where it is installed."""
    if shutil.which("jupyter-repo2docker"):
        asked = ["jupyter-repo2docker", "--no-build", "--debug", str(repository)]
        said = subprocess.run(asked, capture_output=True, text=True)
        assert said.returncode == 0 and "binder/postBuild" in said.stdout + said.stderr, said.stderr
        print("jupyter-repo2docker --no-build parses it")


if __name__ == "__main__":
    main()
