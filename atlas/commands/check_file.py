"""``atlas check-file``: what would become of a file that a reader brings, without a browser."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from atlas.commands.analysis import Data
from atlas.commands.command import choice
from atlas.places.places import ENGLAND, Places
from atlas.places.postcodes import Postcodes
from atlas.places.ward_at_point import WardOutlines
from atlas.snapshot.snapshot import Snapshot, load
from atlas.uploads.areas import Geography
from atlas.uploads.check_file import FILE_KINDS, Surroundings, check_file, choices_from
from atlas.uploads.reading.roles import Kind


def check(
    file: Annotated[Path, typer.Argument(help="file to check")],
    data: Data,
    kind: Annotated[Kind, choice(FILE_KINDS, "what the file is brought as", "--as")],
    place: Annotated[str, typer.Option(help="GSS code of the place in view")] = ENGLAND,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="a column's role, as Heading=role")
    ] = None,
) -> int:
    """Print as JSON what would become of a file: roles, rows kept, rows not kept and why."""
    choices = choices_from(settings or [])
    snapshot = load(data)
    places = Places(snapshot.wards)
    if place not in places:
        raise ValueError(f"{place} is not the code of a place of the Atlas, such as E08000003")
    said = check_file(
        file.read_bytes(), kind, choices, place, lambda: _surroundings(snapshot, places)
    )
    print(json.dumps(said, ensure_ascii=False, indent=1))
    return 0 if said["accepted"] else 1


def _surroundings(snapshot: Snapshot, places: Places) -> Surroundings:
    postcodes = Postcodes.load(snapshot.path("postcodes.parquet"))
    areas = Geography.of(snapshot, postcodes)
    outlines = WardOutlines(snapshot.path("boundaries_wards.geojson"))
    return Surroundings(areas, places, outlines.find, date.today())
