"""Downloads from an owner's server: checked, cached, and what a broken, truncated, wrong or hostile file does."""

import hashlib
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import ClassVar

import pytest

from recmagic.data.dataset import Dataset
from recmagic.data.readers.archive import Download, fetch, folder_of, unpack
from recmagic.data.sources import movielens_latest_small
from recmagic.errors import DataError

MOVIES = "movieId,title,genres\n1,Ever (1999),Drama|Comedy\n2,Never,(no genres listed)\n3,Now (2001),Drama\n"
RATINGS = "userId,movieId,rating,timestamp\n" + "".join(
    f"{user},{movie},{movie + 0.5},{1000 * user + movie}\n" for user in (1, 2) for movie in (1, 2, 3))


def zipped(files):
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as bundle:
        for name, text in files.items():
            bundle.writestr(name, text)
    return buffer.getvalue()


GOOD = zipped({"ml-latest-small/ratings.csv": RATINGS, "ml-latest-small/movies.csv": MOVIES})


class Server(BaseHTTPRequestHandler):
    """Serves /good, /truncated (breaks off), /wrong (another file), and nothing else."""

    asked: ClassVar[list[str]] = []

    def do_GET(self):
        self.asked.append(self.path)
        body = {"/good": GOOD, "/truncated": GOOD, "/wrong": b"<html>Sorry</html>"}.get(self.path)
        if body is None:
            self.send_error(503)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if self.path == "/truncated" else body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("RECMAGIC_DATA", raising=False)
    Server.asked = []
    running = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


def download(server, path, body=GOOD):
    return Download(f"{server}{path}", hashlib.sha256(body).hexdigest(), "ml-latest-small.zip")


def test_a_source_is_downloaded_once_with_progress_and_then_read_from_the_cache(server, monkeypatch):
    monkeypatch.setattr(movielens_latest_small, "_DOWNLOAD", download(server, "/good"))
    told = []
    data = Dataset.load("movielens-latest-small", split="last", listen=lambda done, total: told.append((done, total)))
    assert told[-1] == (len(GOOD), len(GOOD)) and len(data.interactions) == 6
    assert data.items.frame["year"].tolist()[0] == 1999
    assert data.column("genres").missing.tolist() == [True, False, True, False]
    assert data.items.label == "title" and "GroupLens" in data.licence and "GroupLens" in repr(data)
    Dataset.load("movielens-latest-small", split="last")
    assert Server.asked == ["/good"]


@pytest.mark.parametrize(("path", "message"), [
    ("/truncated", "broke off after"), ("/wrong", "is not the file that was expected"),
    ("/absent", "could not be downloaded: Service Unavailable|could not be downloaded: HTTP Error 503"),
])
def test_a_bad_download_is_an_error_and_leaves_nothing_behind(server, tmp_path, path, message):
    with pytest.raises(DataError, match=message) as caught:
        fetch(download(server, path), tmp_path / "here")
    assert caught.value.hint
    assert list((tmp_path / "here").iterdir()) == []


def test_a_server_that_is_not_there_points_at_a_local_copy(server, tmp_path):
    with pytest.raises(DataError, match="could not be downloaded") as caught:
        fetch(Download("http://127.0.0.1:9/nothing.zip", "", "x.zip"), tmp_path)
    assert "RECMAGIC_DATA" in caught.value.hint


def test_a_local_copy_is_found_by_path_or_variable(server, tmp_path, monkeypatch):
    unpack(write(tmp_path / "a.zip", GOOD), tmp_path / "local")
    for path in (tmp_path / "local", tmp_path / "local" / "ml-latest-small"):
        assert len(Dataset.load("movielens-latest-small", path=path, split="last").interactions) == 6
    monkeypatch.setenv("RECMAGIC_DATA", str(tmp_path / "local"))
    assert Dataset.load("movielens-latest-small", split="last").items.count == 3
    assert Server.asked == []
    with pytest.raises(DataError, match=r"does not hold ratings.csv, movies.csv"):
        Dataset.load("movielens-latest-small", path=tmp_path)


def test_an_archive_cannot_leave_its_folder(tmp_path):
    for number, name in enumerate(("../escaped.txt", "/tmp/escaped.txt", "a/../../escaped.txt", "..\\escaped.txt")):
        archive = write(tmp_path / f"{number}.zip", zipped({"fine.txt": "fine", name: "out"}))
        with pytest.raises(DataError, match="would leave its folder"):
            unpack(archive, tmp_path / "inside")
        assert not (tmp_path / "inside").exists() and not (tmp_path / "escaped.txt").exists()


def test_a_file_that_is_no_archive_and_one_that_lacks_the_files(server, tmp_path):
    with pytest.raises(DataError, match="cannot be unpacked"):
        unpack(write(tmp_path / "bad.zip", b"not a zip"), tmp_path / "inside")
    with pytest.raises(DataError, match=r"downloaded 'ml' does not hold other.csv"):
        folder_of("ml", ("other.csv",), (download(server, "/good"),), None, None)


def write(path, body):
    path.write_bytes(body)
    return path
