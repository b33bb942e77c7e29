"""Every number of a briefing is worked out again from the datastore's files, as they are served.

The files are read as any script would: over HTTP, checked against the descriptor, typed by it.
"""

import hashlib
import io
import json
import math
from urllib.request import urlopen

import pandas as pd
import pytest

from tests.atlas.briefing.recomputed import KEYS, recompute
from tests.atlas.briefing.test_briefing import FIVE
from tests.sampling import sampled
from tests.servers import Server
from views.cached import briefings

_TYPES = {"string": "str", "integer": "Int64", "number": "float64", "boolean": "boolean"}
# Published rates have six decimals or more: of a share, half of the last one.
_ROUNDED = 1e-6


@pytest.fixture(scope="module")
def address(datastore_server: Server) -> str:
    return f"{datastore_server.address}datastore/"


@pytest.fixture(scope="module")
def published(address: str) -> dict[str, pd.DataFrame]:
    """The tables that traces name, from their CSV, and again from their Parquet file."""
    with urlopen(f"{address}datapackage.json") as answer:  # noqa: S310
        resources = {entry["path"]: entry for entry in json.load(answer)["resources"]}
    tables = {}
    for name in KEYS:
        for ending in ("csv", "parquet"):
            file = f"{name}.{ending}"
            with urlopen(f"{address}{file}") as answer:  # noqa: S310
                content = answer.read()
            assert resources[file]["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
            fields = resources[f"{name}.csv"]["schema"]["fields"]
            tables[file] = (
                pd.read_csv(
                    io.BytesIO(content),
                    dtype={field["name"]: _TYPES[field["type"]] for field in fields},
                )
                if ending == "csv"
                else pd.read_parquet(io.BytesIO(content))
            )
    return tables


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("place", sampled(FIVE, 5))
def test_every_number_comes_out_of_the_served_files(
    published: dict[str, pd.DataFrame], place: str, ending: str
) -> None:
    tables = {name: published[f"{name}.{ending}"] for name in KEYS}
    made = briefings.whole((place,))
    assert made.tested and len(made.sites) == 3
    numbers = made.numbers()
    assert len(numbers) > 60
    for number in numbers:
        found = recompute(number.trace, tables)
        if number.trace.joined == "alone" and number.trace.first.how in ("sum", "count"):
            assert found == number.value, number
        assert math.isclose(found, number.value, rel_tol=0, abs_tol=_ROUNDED), number
        # A trace over no rows may only be a sum or a count of nothing.
        assert all(term.keys or number.value == 0 for term in number.trace.terms), number


@pytest.mark.parametrize("place", sampled(FIVE, 5))
def test_the_wards_of_each_headline_are_chosen_by_published_columns(
    published: dict[str, pd.DataFrame], place: str
) -> None:
    """Target wards and hidden pockets, found from the served index alone by the rule in words."""
    made = briefings.whole((place,))
    risk = published["risk_index.csv"].set_index("ward_code")
    inside = risk.loc[list(made.levels)]
    targeted = inside.index[inside["band"].fillna(0) >= 9]
    assert set(made.headlines[0].large.trace.first.keys) == set(targeted)
    hiding = inside.index.difference(targeted)
    hiding = hiding[(inside.loc[hiding, "pockets_tenth"].fillna(0) > 0).to_numpy()]
    assert set(made.headlines[2].large.trace.first.keys) == set(hiding) or not len(hiding)
