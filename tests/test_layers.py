"""Imports point one way, and each kind of work has one place."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = [
    path.relative_to(ROOT)
    for folder in ("atlas", "views", "pipelines", "pages", "serving")
    for path in sorted((ROOT / folder).rglob("*.py"))
] + [Path("app.py"), Path("serve.py")]

NETWORK = {"requests", "urllib3", "http", "socket", "httpx", "aiohttp", "ftplib"}
# The guard reads Streamlit's protocol, and the doors count what it holds; no other module may.
KNOWS_STREAMLIT = {"serving/guard.py", "serving/messages.py", "serving/uploads.py"}
# A health check asks the server on its own machine.
ASKS_ITSELF = "serving/__main__.py"
DOWNLOADING = {
    "pipelines/download/fetch.py",
    "pipelines/download/transfer.py",
    "pipelines/download/arcgis.py",
}
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "misc"}


def imported(path: Path) -> set[str]:
    """Return the dotted names that a module imports."""
    names = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full"
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
    return names


def tops(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


@pytest.mark.parametrize("path", CODE, ids=str)
def test_imports_point_one_way(path: Path) -> None:
    allowed = {
        "atlas": {"atlas"},
        "pipelines": {"atlas", "pipelines"},
        "views": {"atlas", "views", "serving"},
        "pages": {"atlas", "views", "serving"},
        "serving": {"atlas", "serving"},
        "app.py": {"atlas", "views", "serving"},
        "serve.py": {"atlas", "views", "serving"},
    }[path.parts[0]]
    ours = tops(path) & {
        "atlas", "views", "pipelines", "pages", "serving", "app", "serve", "tests", "bench",
    }  # fmt: skip
    assert ours <= allowed


@pytest.mark.parametrize("path", [p for p in CODE if p.parts[0] in ("pages", "views")], ids=str)
def test_of_the_server_pages_know_only_its_settings(path: Path) -> None:
    of_the_server = {name for name in imported(path) if name.split(".")[0] == "serving"}
    assert all(name.startswith("serving.settings") for name in of_the_server)


@pytest.mark.parametrize("path", CODE, ids=str)
def test_streamlit_stays_in_the_pages(path: Path) -> None:
    if path.parts[0] in ("atlas", "pipelines", "serving"):
        if path.as_posix() in KNOWS_STREAMLIT:
            return
        assert not tops(path) & {"streamlit", "streamlit_folium"}


@pytest.mark.parametrize("path", CODE, ids=str)
def test_only_fetching_uses_the_network(path: Path) -> None:
    if path.as_posix() == ASKS_ITSELF:
        return
    if path.as_posix() not in DOWNLOADING:
        assert not tops(path) & NETWORK
        assert not {name for name in imported(path) if name.startswith("urllib.request")}


def test_one_module_builds_the_map() -> None:
    builders = [path.as_posix() for path in CODE if tops(path) & {"folium", "branca"}]
    assert builders == ["atlas/maps/folium_layer.py"]


def test_pages_stand_in_section_folders() -> None:
    # A script directly in pages/ would switch on Streamlit's own menu, and its first visitor by
    # a deep link would get that page without app.py around it.
    assert list((ROOT / "pages").glob("*.py")) == []


def test_no_module_is_named_for_nothing() -> None:
    assert [path for path in CODE if path.stem in BANNED_NAMES] == []


def test_the_rule_is_not_blind(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text("import streamlit as st\nfrom pipelines.build import build\n")
    assert tops(planted) == {"streamlit", "pipelines"}
