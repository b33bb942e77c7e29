"""The one program: which commands it has, and how each ends."""

import pytest

from atlas.cli import main
from atlas.commands.command import Command, exit_code, program

COMMANDS = (
    *("serve", "index", "list", "sites", "datastore", "check-file"),
    *("fetch", "build", "check", "refresh", "rollback", "versions", "sources"),
)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    lines = capsys.readouterr().out.partition("Commands:")[2].splitlines()
    assert {line.split()[0] for line in lines if line.startswith("  ")} >= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert f"atlas {name}" in capsys.readouterr().out


@pytest.mark.parametrize("given", [[], ["conjure"], ["index"], ["serve", "--port", "eight"]])
def test_what_cannot_be_understood_ends_with_two(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(given) == 2
    said = capsys.readouterr()
    assert "--help" in said.err and said.out == ""


def test_a_command_ends_with_its_code_and_a_refusal_in_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Refusing(Command):
        refusals = (LookupError,)
        code = 7
        before = "toy: "

    app = program("A toy.")

    @app.command(cls=Refusing)
    def act(what: str) -> int:
        if what == "refuse":
            raise LookupError("there is none; ask for another")
        if what == "break":
            raise TypeError("a mistake of ours")
        return int(what)

    assert [exit_code(app, [what], "toy") for what in ("0", "3", "refuse")] == [0, 3, 7]
    assert capsys.readouterr().err == "toy: there is none; ask for another\n"
    with pytest.raises(TypeError):
        exit_code(app, ["break"], "toy")
