"""Files of others are served unchanged, and nothing of the map comes from elsewhere."""

import hashlib
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
VENDOR = ROOT / "static" / "vendor"


def test_each_vendored_file_is_the_one_recorded():
    recorded = {}
    for package in tomllib.loads((VENDOR / "VENDORED.toml").read_text())["package"]:
        assert package["name"] and package["version"] and package["licence"]
        # What is cut from a larger file is in no registry as it is.
        assert package.get("integrity", "").startswith("sha512-") or "in part" in package["name"]
        recorded |= package["files"]
    present = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "VENDORED.toml"
    }
    assert present == recorded


def test_our_own_map_files_name_no_address():
    for path in (ROOT / "static" / "atlas").iterdir():
        if path.suffix in (".js", ".css"):
            assert not re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]", path.read_text())


def test_text_from_outside_is_never_set_as_html():
    for path in (ROOT / "static" / "atlas").glob("*.js"):
        unsafe = (
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|bindPopup|bindTooltip"
        )
        assert not re.search(unsafe, path.read_text()), path.name
