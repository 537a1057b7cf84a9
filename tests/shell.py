"""Commands run as an operator runs them, in this process."""

import json
from typing import Any

from click.testing import Result as Done
from flask import Flask

from tests.tables import snapshot

NOT_FOUND = "Không tìm thấy trang này.\n"
FORBIDDEN = "Bạn không có quyền làm việc này.\n"


class Shell:
    """Runs commands and looks at what they print, how they end and what they leave."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def __call__(self, *arguments: str, given: str = "") -> Done:
        done = self.app.test_cli_runner().invoke(args=list(arguments), input=given)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    def json(self, *arguments: str, exits: int = 0) -> Any:
        """Return the one document that a command prints."""
        done = self(*arguments)
        assert (done.exit_code, done.stdout.count("\n")) == (exits, 1), done.stderr
        return json.loads(done.stdout)

    def refused(self, *arguments: str, given: str = "") -> str:
        """Return what a command that refuses says, having printed and changed nothing."""
        before = snapshot(self.app)
        done = self(*arguments, given=given)
        assert (done.exit_code, done.stdout) == (1, "")
        assert snapshot(self.app) == before
        return done.stderr
