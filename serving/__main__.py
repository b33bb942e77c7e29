"""``python -m serving check``: could the server start? ``python -m serving ready``: is it ready?"""

import http.client
import json
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from atlas.commands.command import Command, exit_code, program
from atlas.snapshot.soundness import watch
from serving.headers import headers_for
from serving.settings import SettingsError, settings

_OK, _NOT = 0, 1
app = program(__doc__)


@app.command(cls=Command)
def check() -> int:
    """Read the settings and verify the data, before a start; say what is wrong with either."""
    try:
        chosen = settings()
        headers_for(chosen.site, "/")
    except SettingsError as error:
        print(error, file=sys.stderr)
        return _NOT
    shown = watch(chosen.ready.recheck_seconds).shown()
    state = shown.state
    if state.faults:
        print(
            f"The data cannot be used: {'; '.join(state.faults[:5])}. Restore data/ from version "
            "control, or publish it again with `python -m pipelines refresh`.",
            file=sys.stderr,
        )
        return _NOT
    if shown.fallback:
        print("The newest data is damaged; the version before it will be shown.", file=sys.stderr)
    print(f"Settings and data (version {state.version}) can be used.")
    return _OK


@app.command(cls=Command)
def ready(port: Annotated[int, typer.Option(help="its port")] = 8501) -> int:
    """Ask a server that runs on this machine whether it is ready; print its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        # The site's own name must not matter to a probe on the same machine.
        connection.request("GET", "/readyz", headers={"Host": settings().site.allowed_hosts[0]})
        answer = connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
    except OSError as error:
        print(f"No server answers on port {port}: {type(error).__name__}", file=sys.stderr)
        return _NOT
    finally:
        connection.close()
    print(body)
    # Any unknown address answers 200 with the page, so the body decides.
    try:
        return _OK if json.loads(body)["ready"] is True else _NOT
    except (ValueError, KeyError, TypeError):
        return _NOT


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    return exit_code(app, arguments, "python -m serving")


if __name__ == "__main__":
    sys.exit(main())
