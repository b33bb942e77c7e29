"""The serving settings: one documented file, and an operator's file that can only differ in it."""

import re
from pathlib import Path

import pytest

from serving.settings import DEFAULTS, SettingsError, read


def overlay(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_only_what_the_operator_names_differs(tmp_path: Path) -> None:
    mine = read(overlay(tmp_path, '[site]\nhttps = true\nallowed_hosts = ["a.example"]\n'))
    usual = read()
    assert mine.site.https
    assert mine.site.allowed_hosts == ("a.example",)
    assert (mine.limits, mine.uploads, mine.ready) == (usual.limits, usual.uploads, usual.ready)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[site]\nhost = ['a']", "no setting 'host'"),
        ("[sight]\nhttps = true", r"no section \[sight\]"),
        ("https = true", r"no section \[https\]"),
        ("[site]\nhttps = 1", "same kind"),
        ("[site]\nallowed_hosts = 'a.example'", "same kind"),
        ("[site]\nallowed_hosts = [1]", "same kind"),
        ("[site]\nallowed_hosts = []", "names no host"),
        ("[limits]\nsockets = true", "same kind"),
        ("[limits]\nsockets = 0", "1 or more: sockets"),
        ("[uploads]\nat_once = 0", "1 or more: at_once"),
        ("[ready]\nstale_after_days = -1", "negative"),
        ("[sign_in]\nhours = 0", "more than 0"),
        ("[log]\nlevel = 'loud'", "level must be one of"),
        ("[map]\nbasemap = 'http://tiles.example/{z}/{x}/{y}.png'", "must be an https"),
        ("[map]\nbasemap = 'https://tiles.example/{z}/{x}.png'", "must be an https"),
        ("[map]\nbasemap = 'https://tiles.example/{z}/{x}/{y}.png'", "basemap_attribution"),
        ("[site", "cannot be read"),
    ],
)
def test_a_setting_that_cannot_be_stops_the_start(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read(overlay(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere.toml"):
        read(tmp_path / "nowhere.toml")


def test_a_private_build_and_open_proxies_are_never_the_default() -> None:
    usual = read()
    assert not usual.sign_in.required
    assert usual.site.trusted_proxies == ()
    assert set(usual.site.allowed_hosts) == {"localhost", "127.0.0.1"}


def test_every_setting_has_its_reason_in_the_file() -> None:
    lines = DEFAULTS.read_text(encoding="utf-8").splitlines()
    explained = False
    for line in lines:
        if line.startswith("#"):
            explained = True
        elif re.match(r"\w+ = ", line):
            assert explained, line
        elif not line:
            explained = False


def test_a_basemap_names_the_one_server_that_it_comes_from(tmp_path: Path) -> None:
    assert read().map.origin == ""
    text = '[map]\nbasemap_attribution = "A"\nbasemap_provider = "B"\nbasemap = "{}"'
    for address, origin in {
        "https://tiles.example:8443/a/{z}/{x}/{y}.png?key=k": "https://tiles.example:8443",
        "https://{s}.tiles.example/{z}/{x}/{y}.png": "https://*.tiles.example",
        "/tiles/{z}/{x}/{y}.png": "",
    }.items():
        given = overlay(tmp_path, text.replace('"{}"', f'"{address}"'))
        assert read(given).map.origin == origin
