"""The serving settings: one documented file, and an operator's file that can only differ in it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from atlas.datastore import cache
from atlas.files.slide_template import TEMPLATE
from atlas.root import ROOT
from atlas.snapshot.versions import STORE_VARIABLE, store_folder
from serving.settings import DEFAULTS, SettingsError, read


def overlay(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_names_and_networks_are_taken(tmp_path: Path) -> None:
    hosts = '["a.example", "*.b.example", "127.0.0.1", "xn--caf-dma.example"]'
    text = f'[site]\nallowed_hosts = {hosts}\ntrusted_proxies = ["10.0.0.0/8", "::1"]'
    assert len(read(overlay(tmp_path, text)).site.allowed_hosts) == 4


def test_only_what_the_operator_names_differs(tmp_path: Path) -> None:
    mine = read(overlay(tmp_path, '[site]\nhttps = true\nallowed_hosts = ["a.example"]\n'))
    usual = read()
    assert mine.site.https
    assert mine.site.allowed_hosts == ("a.example",)
    assert (mine.limits, mine.uploads, mine.ready) == (usual.limits, usual.uploads, usual.ready)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[site]\nhost = ['a']", "site.host: there is no such"),
        ("[sight]\nhttps = true", "sight: there is no such"),
        ("https = true", "https: there is no such"),
        ("site = true", "site: Input should be an object"),
        ("[site]\nhttps = 1", "site.https: Input should be a valid boolean"),
        (
            "[site]\nallowed_hosts = 'a.example'",
            "allowed_hosts: Input should be a valid array",
        ),
        ("[site]\nallowed_hosts = [1]", "site.allowed_hosts.0: Input should be a valid string"),
        ("[site]\nallowed_hosts = []", "site.allowed_hosts: .* at least 1 item"),
        ("[site]\nallowed_hosts = ['a b']", "site.allowed_hosts.0: .*must be a name"),
        ("[site]\nallowed_hosts = ['*']", "site.allowed_hosts.0: .*must be a name"),
        ("[site]\nallowed_hosts = ['a.example:80']", "site.allowed_hosts.0: .*must be a name"),
        ("[site]\nallowed_hosts = ['A.example']", "site.allowed_hosts.0: .*must be a name"),
        ("[site]\ntrusted_proxies = ['*']", "site.trusted_proxies.0: .*or a network"),
        ("[site]\ntrusted_proxies = ['10.0.0.1/8']", "site.trusted_proxies.0: .*or a network"),
        ("[site]\ntrusted_proxies = ['proxy']", "site.trusted_proxies.0: .*or a network"),
        ("[limits]\nsockets = true", "limits.sockets: Input should be a valid integer"),
        ("[limits]\nsockets = 0", "limits.sockets: .* greater than or equal to 1"),
        ("[uploads]\nat_once = 0", "uploads.at_once: .* greater than or equal to 1"),
        ("[ready]\nstale_after_days = -1", "ready.stale_after_days: .* greater than or equal to 0"),
        ("[sign_in]\nhours = 0", "sign_in.hours: .* greater than 0"),
        ("[log]\nlevel = 'loud'", "log.level: Input should be 'debug', 'info'"),
        (
            "[map]\nbasemap = 'http://tiles.example/{z}/{x}/{y}.png'",
            "basemap: it must be an https",
        ),
        (
            "[map]\nbasemap = 'https://tiles.example/{z}/{x}.png'",
            "basemap: it must be an https",
        ),
        ("[map]\nbasemap = 'https://tiles.example/{z}/{x}/{y}.png'", "map: .* basemap_attribution"),
        ("[site", "cannot be read"),
    ],
)
def test_a_setting_that_cannot_be_stops_the_start(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read(overlay(tmp_path, text))


def test_every_fault_is_said_at_once_with_its_file_and_key(tmp_path: Path) -> None:
    mine = overlay(tmp_path, "[site]\nhost = 'a'\nhttps = 1\n[sign_in]\nhours = 0\n")
    with pytest.raises(SettingsError) as caught:
        read(mine)
    said = [line.split(": ")[:2] for line in str(caught.value).splitlines()]
    assert sorted(said) == [
        [str(mine), key] for key in ("sign_in.hours", "site.host", "site.https")
    ]


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


def test_paths_are_those_of_the_folder_that_the_server_is_started_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Workers stand in another folder.
    monkeypatch.chdir(tmp_path)
    Path("mine.pptx").write_bytes(TEMPLATE.read_bytes())
    given = overlay(tmp_path, '[slides]\ntemplate = "mine.pptx"')
    assert read(given).slides.template == str(tmp_path / "mine.pptx")
    monkeypatch.setenv(STORE_VARIABLE, "store")
    assert store_folder() == tmp_path / "store"
    monkeypatch.setenv(cache.SETTING, "editions")
    assert cache.cache_folder.__wrapped__() == tmp_path / "editions"
    monkeypatch.delenv(cache.SETTING)
    monkeypatch.setenv("XDG_CACHE_HOME", "kept")
    assert cache.cache_folder.__wrapped__().parent == tmp_path / "kept"


@pytest.mark.slow
def test_settings_without_slides_of_their_own_open_no_slides() -> None:
    script = "import sys; from serving.settings import read; read(); print('pptx' in sys.modules)"
    command = [sys.executable, "-c", script]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout == "False\n"
