"""The software bill of materials: ``python -m deploy.sbom`` writes ``deploy/sbom.cdx.json``.

CycloneDX 1.6, from ``requirements.lock`` (everything that is installed), ``pyproject.toml`` (what
of it the Atlas asks for itself) and ``static/vendor/VENDORED.toml`` (what browsers are served).
The same files give the same bytes: no time and no random number is in it. Licences are those that
each package declares; the installed packages must be those of the lock.
"""

import base64
import json
import re
import sys
import tomllib
import uuid
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "deploy" / "sbom.cdx.json"
_LINE = re.compile(r"([A-Za-z0-9._-]+)==(\S+)")
_REQUIREMENT = re.compile(r"[A-Za-z0-9._-]+")
_APP = "digital-inclusion-atlas"


def normal(name: str) -> str:
    """Return a package's name as package URLs write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(lock: str) -> dict[str, str]:
    """Return name and version of each line of a lock. Raises ``ValueError`` for another line."""
    found = {}
    for line in lock.splitlines():
        text = line.split("#")[0].strip()
        if not text:
            continue
        match = _LINE.fullmatch(text)
        if not match:
            raise ValueError(f"requirements.lock: {text!r} is not name==version")
        found[normal(match[1])] = match[2]
    return found


def purl(name: str, version: str) -> str:
    """Return the package URL of a Python package."""
    return f"pkg:pypi/{name}@{version}"


def _licences(found: PackageMetadata) -> list[dict[str, Any]]:
    if "License-Expression" in found:
        return [{"expression": found["License-Expression"]}]
    names = [
        line.rpartition(" :: ")[2]
        for line in found.get_all("Classifier") or []
        if line.startswith("License :: ") and line != "License :: OSI Approved"
    ]
    said = found["License"].strip() if "License" in found else ""
    if not names and said and "\n" not in said and len(said) < 60:
        names = [said]
    return [{"license": {"name": name}} for name in sorted(set(names))]


def component(name: str, version: str, wanted_by_us: bool) -> dict[str, Any]:
    """Describe one package. Raises ``ValueError`` where another version is installed."""
    try:
        found = metadata(name)
    except PackageNotFoundError as error:
        raise ValueError(f"{name} {version} is in the lock but not installed") from error
    if found["Version"] != version:
        raise ValueError(f"{name} {found['Version']} is installed, the lock has {version}")
    made: dict[str, Any] = {
        "type": "library",
        "bom-ref": purl(name, version),
        "name": name,
        "version": version,
        "purl": purl(name, version),
        "scope": "required" if wanted_by_us else "optional",
    }
    licences = _licences(found)
    return made | ({"licenses": licences} if licences else {})


def vendored(declared: dict[str, Any]) -> list[dict[str, Any]]:
    """Describe the browser libraries that are served from ``static/vendor``."""
    return [
        {
            "type": "library",
            "bom-ref": f"pkg:npm/{each['name']}@{each['version']}",
            "name": each["name"],
            "version": each["version"],
            "purl": f"pkg:npm/{each['name']}@{each['version']}",
            "scope": "required",
            "hashes": [{"alg": "SHA-512", "content": _hex(each["integrity"])}],
            "licenses": [{"license": {"id": each["licence"]}}],
        }
        for each in declared["package"]
    ]


def _hex(integrity: str) -> str:
    return base64.b64decode(integrity.removeprefix("sha512-")).hex()


def needed(project: dict[str, Any], packages: dict[str, str]) -> set[str]:
    """Return the packages that running needs: what the project asks for, and what those ask for."""
    waiting = [_asked(text) for text in project["dependencies"]]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in found or name not in packages:
            continue
        found.add(name)
        for text in metadata(name).get_all("Requires-Dist") or []:
            if "extra ==" not in text:
                waiting.append(_asked(text))
    return found


def _asked(requirement: str) -> str:
    match = _REQUIREMENT.match(requirement)
    if not match:
        raise ValueError(f"{requirement!r} names no package")
    return normal(match[0])


def bill() -> dict[str, Any]:
    """Return the whole bill of materials."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    packages = locked((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    runs = needed(project, packages)
    listed = tomllib.loads((ROOT / "static/vendor/VENDORED.toml").read_text(encoding="utf-8"))
    parts = [component(name, version, name in runs) for name, version in sorted(packages.items())]
    parts += vendored(listed)
    made: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": _APP,
                "name": _APP,
                "version": project["version"],
                "licenses": [{"license": {"id": "MIT"}}],
            }
        },
        "components": parts,
        "dependencies": [
            {"ref": _APP, "dependsOn": sorted(part["bom-ref"] for part in parts)},
        ],
    }
    # The same content has the same serial number.
    content = json.dumps(made, sort_keys=True)
    return {
        **{key: made[key] for key in ("bomFormat", "specVersion")},
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, content)}",
        **{key: value for key, value in made.items() if key not in ("bomFormat", "specVersion")},
    }


def text() -> str:
    """Return the file's text."""
    return json.dumps(bill(), indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the file, or say why it cannot be made."""
    try:
        made = text()
    except ValueError as error:
        print(f"{error}. Run `make install`, then this again.", file=sys.stderr)
        return 1
    RESULT.write_text(made, encoding="utf-8")
    print(f"{RESULT.relative_to(ROOT)}: {made.count('bom-ref') - 1} components")
    return 0


if __name__ == "__main__":
    sys.exit(main())
