"""The demo application of examples/wazo-app-test as a process, in Python as either era's clients or in Swift."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from fleet import ROOT, Fleet, binary
from wait import until

FOLDER = ROOT / "examples/wazo-app-test"

NUMBER = "6001"
"""The number that leads to the application."""

APPLICATION = "f8e03926-9ddd-5da5-95ed-1c2afda82be0"
"""What the name `test` becomes, always."""

NODE = "f83dce5b-9aee-582b-a71a-99bdf57aa4eb"
"""What the node `bigone` of that application becomes; also the id of its bridge."""

SUCCESS = "success !!!"


class DemoProgram:
    """Runs from the moment it listens until it is closed; a context manager."""

    def __init__(self, fleet: Fleet, program: str) -> None:
        """`program` is "P" or "N" for the Python program with that era's clients, or "swift"."""
        ports = [
            "--auth-port", str(fleet.auth_port), "--applicationd-port", str(fleet.applicationd_port),
            "--websocketd-port", str(fleet.websocketd_port),
        ]
        if program == "swift":
            command = [str(_swift_program()), *ports]
        else:
            command = [sys.executable, str(FOLDER / "python/main.py"), "--era", program, "--host", "127.0.0.1", *ports]
        self._output = tempfile.NamedTemporaryFile(prefix="wazo-app-test-", suffix=".log")
        self._process = subprocess.Popen(
            command, stdout=self._output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )

    def __enter__(self) -> "DemoProgram":
        try:
            until(
                lambda: "listening" in self.said() or self._process.poll() is not None, 20,
                lambda: f"the demo application to listen; it said:\n{self.said()}",
            )
            if self._process.poll() is not None:
                raise AssertionError(f"the demo application ended with {self._process.returncode}:\n{self.said()}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()

    def said(self) -> str:
        return Path(self._output.name).read_text(errors="replace")


def _swift_program() -> Path:
    """`wazo-app-test` beside the `asterism` under test."""
    named = os.environ.get("WAZO_APP_TEST_BIN")
    program = Path(named) if named else binary().with_name("wazo-app-test")
    if not program.is_file():
        raise FileNotFoundError(f"{program} is not there: build it with `swift build --product wazo-app-test`")
    return program
