"""Names of councils, towns and neighbourhoods."""

from pathlib import Path

import pandas as pd

from pipelines.readers.fields import ReadError, numbers, pick, read_coded, read_text_csv

# Text that a template or a page could take for code has no place in a name.
_CODE = r"[{}<>`$\\\x00-\x1f]"


def read_council_names(path: Path) -> pd.DataFrame:
    """Read ``code, official, usual, others`` (by commas), councils of today and before."""
    names = {"official": "official-name", "usual": "nice-name", "others": "alt-names"}
    table = read_coded(path, {"code": "gss-code", **names}, "E")
    return _named(table, list(names), path)


def read_towns(path: Path) -> pd.DataFrame:
    """Read England's towns: ``name, longitude, latitude, people``, degrees (EPSG:4326), largest
    first."""
    wanted = {"nation": "admin1code", "people": "population"}
    wanted |= {name: name for name in ("name", "longitude", "latitude")}
    table = _named(pick(read_text_csv(path), wanted, path), ["name"], path)
    table = table[table["nation"] == "ENG"].reset_index(drop=True)
    table = numbers(table, ["longitude"], path, least=-7, most=2)
    table = numbers(table, ["latitude", "people"], path, least=0)
    return table.sort_values(["people", "name"], ascending=[False, True], ignore_index=True)


def read_neighbourhoods(path: Path) -> pd.DataFrame:
    """Read the House of Commons Library's names: ``msoa_code, neighbourhood``, English."""
    table = read_coded(path, {"msoa_code": "msoa21cd", "neighbourhood": "msoa21hclnm"}, "E02")
    return _named(table, ["neighbourhood"], path)


def _named(table: pd.DataFrame, columns: list[str], path: Path) -> pd.DataFrame:
    for name in columns:
        odd = table[name][table[name].str.contains(_CODE)]
        if len(odd):
            raise ReadError(
                f"{path.name}: {len(odd)} names hold signs that no name has, such as "
                f"{odd.iloc[0]!r}. Download the file again."
            )
    return table
