"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(os.environ.get("COLEY_SHARED", Path(__file__).resolve().parents[2] / "shared")) / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real cohorts, which lies beside the repository and is not part of it."""
    if not SHARED.is_dir():
        pytest.skip(
            f"the real cohorts are not here: no folder {SHARED.parent.name}/data beside the repository"
        )
    return SHARED


# Scripts that made oracles, each in an environment of its own.
collect_ignore_glob = ["*/oracles/make_*.py"]

START_UP_SECONDS = 60.0


@pytest.fixture
def duck() -> Any:
    """DuckDB in memory, new for each test."""
    from coley.vigilance.engine import connect

    return connect()


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """An Ibis backend on a Spark master with one worker, each a process of its own, on loopback."""
    if shutil.which("java") is None:
        pytest.skip("there is no Java here, and Spark needs it")
    from coley.vigilance.engine import connect

    pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed")
    home = Path(pyspark.__file__).parent
    work = tmp_path_factory.mktemp("spark")
    port = _free_port()
    master = f"spark://127.0.0.1:{port}"
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_HOME", str(home))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("SPARK_CONF_DIR", str(_settings(work / "conf")))
        nodes = [
            _node(home, environment, work / "master.log", "master.Master", "--port", str(port)),
            _node(
                home, environment, work / "worker.log", "worker.Worker",
                "--cores", "2", "--memory", "2g", "--work-dir", str(work), master,
            ),
        ]  # fmt: skip
        try:
            _wait_for(work / "worker.log", "Successfully registered with master")
            con = connect(master)
            yield con
            con._session.stop()
        finally:
            for node in reversed(nodes):
                node.terminate()
            for node in nodes:
                node.wait(timeout=30)


def _settings(folder: Path) -> Path:
    """A few rows need no 200 partitions."""
    folder.mkdir()
    settings = {
        "spark.sql.shuffle.partitions": 2,
        "spark.default.parallelism": 2,
        # Compiling code for a stage takes longer than interpreting it over so few rows, and so does planning it anew.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.warehouse.dir": folder / "warehouse",  # else it lies where the tests are started
    }
    text = "".join(f"{name} {value}\n" for name, value in settings.items())
    (folder / "spark-defaults.conf").write_text(text)
    return folder


def _node(
    home: Path, environment: dict[str, str], log: Path, kind: str, *arguments: str
) -> subprocess.Popen[bytes]:
    command = [
        str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind}",
        "--host", "127.0.0.1", "--webui-port", "0", *arguments,
    ]  # fmt: skip
    with log.open("wb") as sink:
        return subprocess.Popen(command, env=environment, cwd=log.parent, stdout=sink, stderr=sink)


def _wait_for(log: Path, words: str) -> None:
    end = time.monotonic() + START_UP_SECONDS
    while words not in log.read_text(errors="replace"):
        if time.monotonic() > end:
            pytest.fail(f"Spark did not start within {START_UP_SECONDS:g} s: {log.read_text()[-2000:]}")
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
