"""What all commands have in common: how they are read, and how they end."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand


class Command(TyperCommand):
    """A command that says why it cannot be carried out, instead of a traceback.

    ``refusals`` are the errors whose message tells the user what to do; ``code`` is then the exit
    code and ``before`` the text in front. A command function may return another exit code.
    """

    refusals: ClassVar[tuple[type[Exception], ...]] = ()
    code: ClassVar[int] = 1
    before: ClassVar[str] = "\n"

    def invoke(self, ctx: Any) -> None:
        """Run the command function."""
        try:
            code = super().invoke(ctx)
        except self.refusals as error:
            print(f"{self.before}{error}", file=sys.stderr)
            raise typer.Exit(self.code) from error
        if code:
            raise typer.Exit(code)


def program(about: str) -> typer.Typer:
    """Return a program without commands yet, whose help is plain text."""
    return typer.Typer(
        help=about,
        no_args_is_help=False,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


def exit_code(app: typer.Typer, given: Sequence[str] | None, name: str) -> int:
    """Run one command of a program and return its exit code; 2 for what cannot be understood."""
    try:
        app(None if given is None else list(given), prog_name=name)
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def choice(choices: Iterable[str], help: str, *names: str, **more: Any) -> Any:
    """Return an option for one of the choices, or several where it is a list; ``names`` are what it
    is called on the command line, where that is not its parameter's name.
    """
    known = list(choices)

    def check(given: Any) -> Any:
        for value in given if isinstance(given, list) else [given]:
            if value is not None and value not in known:
                raise typer.BadParameter(f"'{value}' is not one of {', '.join(known)}.")
        return given

    return typer.Option(*names, callback=check, metavar="|".join(known), help=help, **more)
