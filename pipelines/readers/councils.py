"""ONS's Explore Local Statistics: one figure of a council a row, and councils that are alike."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd

from pipelines.readers.fields import ReadError, coded, numbers, pick, read_text_csv

KINDS = ("global", "economic", "demographic")


def read_figure(path: Path, name: str, day: date, recoded: Mapping[str, str]) -> pd.DataFrame:
    """Read one indicator in per cent: ``authority_code`` and its share as ``name``.

    Only councils are kept. ``recoded`` brings newer codes to the wards' edition. Raises
    :class:`ReadError`, also where the figures are not of ``day``.
    """
    wanted = {"authority_code": "areacd", "period": "period", name: "observation"}
    table = pick(read_text_csv(path), wanted, path)
    table = table[table["authority_code"].str.fullmatch(r"E0[6789]\d{6}")]
    if set(table["period"]) != {day.isoformat()}:
        raise ReadError(
            f"{path.name} has figures of {sorted(set(table['period']))}, expected {day}. For "
            "another edition change vintage and as_at in atlas/catalogue/sources.toml."
        )
    table = table.assign(authority_code=table["authority_code"].replace(dict(recoded)))
    table = numbers(coded(table, "authority_code", "E0", path), [name], path, most=100)
    return table[["authority_code"]].assign(**{name: (table[name] / 100).round(6)})


def read_similar(path: Path, recoded: Mapping[str, str]) -> pd.DataFrame:
    """Read ``authority_code`` and ``similar_KIND``: English codes, most alike first, by spaces."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        rows = {
            recoded.get(code, code): {
                f"similar_{kind}": " ".join(
                    recoded.get(each, each) for each in kinds[kind] if each[:2] == "E0"
                )
                for kind in KINDS
            }
            for code, kinds in found.items()
            if code.startswith("E0")
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ReadError(
            f"{path.name} is not ONS's file of similar areas. Download it again."
        ) from error
    table = pd.DataFrame.from_dict(rows, orient="index")
    return table.rename_axis("authority_code").sort_index().reset_index()
