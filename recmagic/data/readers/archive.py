"""A data set in its owner's archive: a local copy if there is one, else a checked download, unpacked in a cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from recmagic.errors import DataError

Listener = Callable[[int, int | None], None]
_CHUNK = 1 << 18
_SECONDS = 30


@dataclass(frozen=True)
class Download:
    """One file of the owner: where it is, its SHA-256, and the name to keep it under (a .zip is unpacked)."""

    url: str
    sha256: str
    name: str


def folder_of(
    folder: str, files: tuple[str, ...], downloads: tuple[Download, ...], path: str | Path | None,
    listen: Listener | None,
) -> Path:
    """Return the folder that holds these files of a data set.

    Looks at `path` (the folder itself, or the one around it), then at `$RECMAGIC_DATA/folder`, then in the cache, and
    downloads at last. Raises DataError where `path` does not hold the files, and at a download that fails.
    """
    if path is not None:
        found = _holding(Path(path).expanduser(), folder, files)
        if found is None:
            raise DataError(f"'{path}' does not hold {', '.join(files)}.", f"Give the folder of '{folder}'.")
        return found
    local = os.environ.get("RECMAGIC_DATA")
    cache = cache_folder()
    for around in ([Path(local).expanduser()] if local else []) + [cache]:
        found = _holding(around, folder, files)
        if found is not None:
            return found
    for download in downloads:
        fetched = fetch(download, cache / "downloads" if download.name.endswith(".zip") else cache / folder, listen)
        if download.name.endswith(".zip"):
            unpack(fetched, cache)
    found = _holding(cache, folder, files)
    if found is None:
        raise DataError(f"The downloaded '{folder}' does not hold {', '.join(files)}.", "Its owner has changed it.")
    return found


def cache_folder() -> Path:
    """Return where downloads are kept: `recmagic` in the user's cache folder."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "recmagic"


def fetch(download: Download, folder: Path, listen: Listener | None = None) -> Path:
    """Download a file once, check it, and return its path; DataError at a broken, truncated or wrong file.

    `listen` is called with (bytes so far, bytes in all or None). What does not hold the checksum is thrown away.
    """
    target = folder / download.name
    if target.exists() and sha256_of(target) == download.sha256:
        return target
    folder.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        _download(download.url, partial, listen)
        if sha256_of(partial) != download.sha256:
            raise DataError(
                f"{download.url} is not the file that was expected (SHA-256 {sha256_of(partial)[:12]}..., "
                f"expected {download.sha256[:12]}...).",
                "Its owner may have changed it: fetch it yourself and give its unpacked folder as path=.",
            )
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _download(url: str, target: Path, listen: Listener | None) -> None:
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as response, target.open("wb") as file:
            length = response.headers.get("Content-Length")
            total = int(length) if length else None
            done = 0
            while chunk := response.read(_CHUNK):
                file.write(chunk)
                done += len(chunk)
                if listen is not None:
                    listen(done, total)
    except (OSError, HTTPException, ValueError) as error:
        hint = "Check the connection, or give a local copy: path=..., or the environment variable RECMAGIC_DATA."
        raise DataError(f"{url} could not be downloaded: {getattr(error, 'reason', None) or error}", hint) from None
    if total is not None and done < total:
        raise DataError(f"{url} broke off after {done:,} of {total:,} bytes.", "Run it again.")


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a zip into the folder; DataError where it is no zip, or a member would land outside the folder."""
    root = folder.resolve()
    try:
        with zipfile.ZipFile(archive) as bundle:
            for member in bundle.infolist():
                target = (root / member.filename).resolve()
                if not target.is_relative_to(root) or "\\" in member.filename:
                    raise DataError(f"{archive.name} holds a file that would leave its folder: {member.filename!r}.",
                                    "It was not unpacked; do not trust it.")
            for member in bundle.infolist():
                _extract(bundle, member, root)
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise DataError(f"{archive.name} cannot be unpacked: {error}", f"Delete {archive} and run it again.") from None


def _extract(bundle: zipfile.ZipFile, member: zipfile.ZipInfo, root: Path) -> None:
    target = root / member.filename
    if member.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with bundle.open(member) as source, target.open("wb") as file:
        shutil.copyfileobj(source, file)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _holding(around: Path, folder: str, files: tuple[str, ...]) -> Path | None:
    places = (around / folder, around)
    return next((place for place in places if all((place / file).is_file() for file in files)), None)
