"""The program as a stranger has it: built, installed alone, and run from an empty folder."""

import hashlib
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import context_of
from tests.browser.site import gone_to, opened, registered_pages
from tests.servers import ROOT, Server, free_port, running

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--quiet", "-w", str(folder), str(ROOT)], check=True)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an environment that holds the wheel, and borrows the libraries from ours."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    install = [str(environment / "bin" / "pip"), "install", "--quiet", "--no-deps", str(wheel)]
    subprocess.run(install, check=True)
    return environment


@pytest.fixture(scope="module")
def started(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """``atlas serve``, from a folder that held nothing."""
    empty, port = tmp_path_factory.mktemp("empty"), free_port()
    command = [str(program / "bin" / "atlas"), "serve", "--port", str(port)]
    home = {"HOME": str(tmp_path_factory.mktemp("home")), "PYTHONDONTWRITEBYTECODE": "1"}
    before = contents(program)
    with running(command, port, folder=empty, environment=home) as server:
        yield server
    assert list(empty.iterdir()) == []
    assert contents(program) == before


def contents(folder: Path) -> dict[str, str]:
    """The hash of every file below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_wheel_holds_one_package_and_all_that_runs(wheel: Path) -> None:
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    assert {name.split("/")[0] for name in names} == {"atlas"}
    assert not [name for name in names if "/tests/" in name or "__pycache__" in name]
    data = {f"atlas/site/data/{name}" for name in contents(ROOT / "data")}
    assert data <= set(names)


def test_commands_run_from_an_empty_folder(program: Path, tmp_path: Path) -> None:
    def said(*command: str) -> str:
        return subprocess.run(
            command, cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout

    atlas = str(program / "bin" / "atlas")
    assert "sound" in said(atlas, "check")
    assert "census_age" in said(str(program / "bin" / "python"), "-m", "atlas", "sources")
    index = ["index", "--base", "E08000003", "--draws", "5", "--out", "index.csv"]
    assert "wards scored" in said(atlas, *index)
    assert [path.name for path in tmp_path.iterdir()] == ["index.csv"]


@pytest.fixture(scope="module")
def visit(started: Server, browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A reader of the installed site, and what was asked of others meanwhile."""
    strays: list[str] = []
    with context_of(browser, started.address, strays) as context:
        yield context.new_page(), strays


@pytest.mark.browser
@pytest.mark.parametrize("page", registered_pages(), ids=lambda page: page.name or "start")
def test_every_page_opens(started: Server, visit: tuple[Page, list[str]], page) -> None:
    shown, strays = visit
    go = gone_to if shown.url.startswith(started.address) else opened
    go(shown, started.address + page.address)
    assert shown.locator("h1").count() == 1
    assert shown.get_by_text("could not be shown").count() == 0
    assert strays == []
    assert f"http://localhost:{started.port}" in started.log.read_text(encoding="utf-8")
