"""A server on this machine that can misbehave, and a small made-up cohort for it to serve."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from coley.read.catalogue import table
from coley.read.catalogue.table import Cohort, CohortFile

PATIENTS = b"patient_id,os_months,os_event\n" + b"".join(
    b"p%04d,%d.5,1\n" % (i, i % 40) for i in range(20_000)
)
LABS = b"patient_id,day,test,value\np0001,0,LDH,180\n"
MANIFEST = 'title = "Made up"\n[tables.patients]\nfile = "patients.csv"\n[tables.labs]\nfile = "labs.csv"\n'


@dataclass
class Server:
    """What is served, how it misbehaves, and what was asked for."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)  # answered first, one a request
    cuts: list[int] = field(default_factory=list)  # bytes after which the connection is cut, one a request
    ranges: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list)  # path and range of each request


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            state.asked.append((self.path, wanted))
            if state.statuses:
                self.send_error(state.statuses.pop(0))
                return
            if self.path not in state.files:
                self.send_error(404)
                return
            body = state.files[self.path]
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and state.ranges else 0
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            cut = state.cuts.pop(0) if state.cuts else None
            self.wfile.write(body[start:] if cut is None else body[start : start + cut])
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield state
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.fixture
def made_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> Cohort:
    """A cohort of two files in the catalogue, served whole."""
    originals = {"patients.csv": PATIENTS, "labs.csv": LABS}
    files = tuple(
        CohortFile(name, f"https://example.org/o/r/abc/{name}", hashlib.sha256(body).hexdigest(), len(body))
        for name, body in originals.items()
    )
    cohort = Cohort("made_up", "no licence file", "Nobody 2020", "", files)
    monkeypatch.setattr(table, "_catalogue", lambda: {"made_up": cohort})
    monkeypatch.setattr(Cohort, "manifest", property(lambda self: MANIFEST))
    monkeypatch.setattr("coley.read.catalogue.download.PAUSE", 0.0)
    server.files = {f"/o/r/abc/{name}": body for name, body in originals.items()}
    return cohort
