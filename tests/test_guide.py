"""CONTRIBUTING.md adds a dataset in three files: here a copy of the project does as it says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from atlas.snapshot.snapshot import load
from tests.pipelines.published_files import census_zip

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "downloads", "snapshots", "build")
# What a dataset reaches: build, catalogue, map, list, profile, workbooks, open data, audit.
REACHED = ("pipelines", *(f"atlas/{room}" for room in ("catalogue", "snapshot", "maps", "ward")))
REACHED += ("atlas/files", "atlas/places", "atlas/datastore", "views/test_audit_page.py")


def blocks() -> dict[str, str]:
    """The files that the guide has one write, each with its text, by language of the block."""
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    steps = guide.split("## Add a dataset: three files")[1].split("\n## ")[0]
    found = re.findall(r"`([\w/.]+)`[^\n]*\n\n```\w+\n(.*?)```", steps, re.DOTALL)
    return dict(found)


def by_the_guide(copy: Path) -> None:
    for name, text in blocks().items():
        path = copy / name
        before = path.read_text(encoding="utf-8") + "\n" if path.exists() else ""
        path.write_text(before + text, encoding="utf-8")


def with_cars(mirror: Path, folder: Path) -> Path:
    """The publishers' files beside a made-up one: 7 households of each small area have no car."""
    shutil.copytree(mirror, folder, copy_function=os.symlink)
    lsoas = [*load().lsoas["lsoa_code"], *(f"W0100{n:04d}" for n in range(1917))]
    header = "Number of cars or vans: No cars or vans in household"
    path = folder / "census" / "census2021-ts045.zip"
    census_zip(path, "ts045", [header], [[code, 7] for code in lsoas])
    return folder


def run(copy: Path, mirror: Path, *arguments: str) -> None:
    environment = {**os.environ, "ATLAS_MIRROR": str(mirror)}
    # A run of its own: what workers of the outer one share is none of its business.
    environment.pop("PYTEST_XDIST_WORKER", None)
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]


def test_the_guide_names_three_files() -> None:
    assert list(blocks()) == [
        "atlas/catalogue/sources.toml",
        "atlas/catalogue/columns.toml",
        "pipelines/readers/cars.py",
    ]


@pytest.mark.slow
@pytest.mark.mirror
def test_a_dataset_added_by_the_guide_is_built_published_and_tested(
    mirror: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "atlas"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    by_the_guide(copy)
    files = with_cars(mirror, tmp_path / "files")
    run(copy, files, "pipelines", "build", "--mirror", str(files), "--out", str(copy / "data"))
    wards = pd.read_csv(copy / "data" / "wards.csv").set_index("ward_code")
    known = wards["small_areas"] > 0
    assert (wards["no_car_households"][known] == 7 * wards["small_areas"][known]).all()
    shares = wards["no_car_households"] / wards["households"]
    assert (wards["no_car_rate"] - shares)[known].abs().max() < 1e-6
    fast = "not slow and not browser and not mirror"
    run(copy, files, "pytest", "-q", "-m", fast, *(f"tests/{name}" for name in REACHED))
