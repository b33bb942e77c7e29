"""A toy England one can draw: two authorities, four wards, six LSOAs, two libraries.

        authority E06000001            authority E06000002
    ward 1: a b      ward 2: c      ward 3: d e f      ward 4: no LSOA

Ward 2 rests on one LSOA. LSOA b has its income count withheld.
"""

import pandas as pd

from atlas.catalogue.columns import columns_of
from atlas.catalogue.sources import Source, declared_sources
from pipelines import distances
from pipelines.built import Built
from pipelines.join import (
    one_row_per_lsoa,
    wards_from_lsoas,
    with_absent,
    with_library_counts,
    with_rates,
)

WARDS = [f"E0500000{n}" for n in (1, 2, 3, 4)]
LSOAS = [f"E0100000{n}" for n in (1, 2, 3, 4, 5, 6)]
TOY = {
    "lsoas": 6,
    "wards": 4,
    "authorities": 2,
    "combined_authorities": 1,
    "counties": 1,
    "wards_without_lsoa": 1,
    "suppressed_income_counts": 1,
}


def lookup() -> pd.DataFrame:
    wards = [WARDS[0], WARDS[0], WARDS[1], WARDS[2], WARDS[2], WARDS[2]]
    return pd.DataFrame(
        {
            "lsoa_code": LSOAS,
            "lsoa_name": [f"Toy {letter}" for letter in "abcdef"],
            "ward_code": wards,
            "authority_code": ["E06000001"] * 3 + ["E06000002"] * 3,
        }
    )


def hierarchy() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "ward_code": WARDS,
            "ward_name": ["Castle", "Park", "Castle", "Quay"],
            "authority_code": ["E06000001", "E06000001", "E06000002", "E06000002"],
            "authority_name": ["Northshire", "Northshire", "Southshire", "Southshire"],
            "county_code": ["", "", "E10000002", "E10000002"],
            "county_name": ["", "", "Southland", "Southland"],
            "region_code": ["E12000001"] * 4,
            "region_name": ["Toyland"] * 4,
        }
    )


def tables() -> dict[str, pd.DataFrame]:
    """What the readers give: figures one can add up by hand, and for each later source any."""
    made = _made_by_hand()
    others = [s for s in declared_sources().values() if s.reader and s.key not in made]
    return made | {source.key: _declared(source) for source in others}


def _declared(source: Source) -> pd.DataFrame:
    """A table with the columns read from ``source``: from 1 to 6, or the shares 0.1 to 0.6."""
    names = [c for c in columns_of("lsoas") if c.sources[0] == source.key and not c.count]
    values = {c.name: [n / (10 if c.unit == "share" else 1) for n in range(1, 7)] for c in names}
    return pd.DataFrame({"lsoa_code": LSOAS, **values})


def _made_by_hand() -> dict[str, pd.DataFrame]:
    keys = {"lsoa_code": LSOAS}
    return {
        "deprivation": pd.DataFrame(
            {
                **keys,
                "imd_score": [10.0, 20.0, 30.0, 40.0, 50.0, 60.0],
                "income_deprived_rate": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
                "low_skills_rate": [0.1, 0.1, 0.2, 0.2, 0.3, 0.3],
            }
        ),
        "deprivation_indicators": pd.DataFrame(
            {
                **keys,
                "income_deprived_people": [100.0, float("nan"), 300.0, 400.0, 500.0, 600.0],
                "digital_connectivity_score": [0.1, -0.2, 0.3, 0.0, 1.5, 0.4],
                "transport_connectivity_score": [90.0, 80.0, 70.0, 60.0, 50.0, 40.0],
            }
        ),
        "census_age": pd.DataFrame(
            {
                **keys,
                "population": [1000.0, 3000.0, 1000.0, 1000.0, 1000.0, 2000.0],
                "age_65_74_people": [100.0, 300.0, 90.0, 80.0, 120.0, 210.0],
                "age_75_plus_people": [50.0, 350.0, 100.0, 60.0, 70.0, 330.0],
            }
        ),
        "census_disability": pd.DataFrame(
            {**keys, "disabled_people": [150.0, 450.0, 180.0, 170.0, 230.0, 390.0]}
        ),
        "census_household_deprivation": pd.DataFrame(
            {**keys, "deprived_households": [40.0, 130.0, 90.0, 110.0, 160.0, 210.0]}
        ),
        "census_tenure": pd.DataFrame(
            {
                **keys,
                "households": [400.0, 1200.0, 450.0, 410.0, 420.0, 800.0],
                "social_rented_households": [20.0, 60.0, 90.0, 105.0, 140.0, 200.0],
            }
        ),
        "broadband": pd.DataFrame(
            {
                **keys,
                "superfast_unavailable_rate": [0.0, 0.04, 0.1, 0.02, 0.03, 0.0],
                "gigabit_unavailable_rate": [0.2, 0.4, 0.5, 0.1, 0.15, 0.3],
                "slow_lines_rate": [0.01, 0.02, 0.05, 0.03, 0.02, 0.01],
            }
        ),
        "digital_propensity": pd.DataFrame(
            {
                **keys,
                "not_online_rate": [0.05, 0.1, 0.08, 0.1, 0.1, 0.1],
                "not_online_households": [20.0, 120.0, 36.0, 41.0, 42.0, 80.0],
            }
        ),
        "rural_urban": pd.DataFrame({**keys, "rural_urban": ["Urban"] * 3 + ["Rural"] * 3}),
        # A row of centroids 1,000 m apart.
        "lsoa_centroids": pd.DataFrame(
            {
                **keys,
                "easting": [400_000.0 + 1000 * place for place in range(6)],
                "northing": [300_000.0] * 6,
            }
        ),
    }


def libraries() -> pd.DataFrame:
    """One open library on the centroid of a, one on that of f, and one that does not count."""
    rows = 3
    text = ["library_type", "address", "co_located"]
    days = [
        f"hours_{day}"
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    ]
    return pd.DataFrame(
        {
            "library_id": ["L0000000001", "L0000000002", "L0000000003"],
            "library_name": ["Castle Library", "Quayside Library", "Old Reading Room"],
            "authority_code": ["E06000001", "E06000002", "E06000001"],
            "authority_name": ["Northshire", "Southshire", "Northshire"],
            "ward_code": [WARDS[0], WARDS[2], WARDS[1]],
            "postcode": ["AA1 1AA", "BB1 1BB", "AA1 1AB"],
            "easting": [400_000.0, 405_000.0, 402_000.0],
            "northing": [300_000.0] * rows,
            "longitude": [-1.0] * rows,
            "latitude": [52.0] * rows,
            "year_opened": [1950.0, float("nan"), 1900.0],
            "year_closed": [float("nan"), float("nan"), 2015.0],
            "hours_per_week": [40.0, 20.0, float("nan")],
            "staffed_hours_per_week": [40.0, 20.0, float("nan")],
            "open": [True, True, False],
            "counts_for_access": [True, True, False],
            "hours_known": [True, True, False],
            "operation": ["council", "commissioned", ""],
            "library_class": ["library service", "library service", ""],
            "coordinates_from": ["published"] * rows,
            "coordinates_doubtful": [False] * rows,
            **{name: ["static library"] * rows for name in text},
            **{name: ["AM & PM (continuous)"] * rows for name in days},
        }
    )


def in_words(venues: pd.DataFrame) -> pd.DataFrame:
    flags = ["open", "counts_for_access", "hours_known", "coordinates_doubtful"]
    words = {name: venues[name].map({True: "true", False: "false"}) for name in flags}
    return venues.assign(**words)


def postcodes() -> pd.DataFrame:
    """One postcode on each centroid but that of b, where one of two lies in the ward of c."""
    east = [400_000.0 + 1000 * place for place in range(6)]
    homes = [WARDS[0], WARDS[0], WARDS[1], *[WARDS[2]] * 3]
    return pd.DataFrame(
        {
            "postcode": [*(f"AA1 1A{letter}" for letter in "ABCDEF"), "AA1 1AG"],
            "easting": [*east, east[1]],
            "northing": [300_000.0] * 7,
            "ward_code": [*homes, WARDS[1]],
            "lsoa_code": [*LSOAS, LSOAS[1]],
        }
    )


def lsoa_table() -> pd.DataFrame:
    joined = one_row_per_lsoa(lookup(), list(tables().values()))
    made = [distances.distances(joined, libraries(), postcodes(), set())]
    joined = one_row_per_lsoa(joined, [*made, distances.elsewhere(postcodes(), lookup())])
    withheld = joined["income_deprived_people"].isna().astype(float)
    joined = joined.assign(small_area_name=joined["lsoa_name"])
    return with_rates(with_absent(joined)).assign(income_suppressed_areas=withheld)


def named_wards() -> pd.DataFrame:
    combined = ["E47000001", "E47000001", "", ""]
    names = ["Toy Union", "Toy Union", "", ""]
    return hierarchy().assign(combined_authority_code=combined, combined_authority_name=names)


def beside(lsoas: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Councils with a figure each; everybody within a mile walks there in half an hour."""
    near = lsoas["near_library_rate"]
    walks = {"walk_10_rate": near * 0.25, "walk_20_rate": near * 0.5, "walk_30_rate": near}
    of_lsoas = pd.DataFrame({"lsoa_code": LSOAS, **walks})
    codes = ["E06000001", "E06000002"]
    return {
        "councils.csv": pd.DataFrame({"authority_code": codes, "council_gigabit_rate": [0.8, 0.9]}),
        "walking_lsoas.parquet": of_lsoas,
        "walking_wards.csv": distances.of_wards(of_lsoas, lsoas, pd.Series(WARDS)),
    }


def built() -> Built:
    lsoas = lsoa_table()
    wards = with_library_counts(wards_from_lsoas(named_wards(), lsoas), libraries())
    wards = wards.assign(border_with="")
    return Built(
        wards=wards,
        lsoas=lsoas,
        libraries=in_words(libraries()),
        lookup=lookup(),
        hierarchy=hierarchy(),
        source_tables=tables(),
        authority_of=lookup().set_index("lsoa_code")["authority_code"],
        outlined=frozenset(WARDS),
        authority_shapes=pd.DataFrame(
            {
                "authority_code": ["E06000001", "E06000002"],
                "authority_name": ["Northshire", "Southshire"],
                "published_name": ["Northshire", "Southshire"],
                "apart": [0.001, 0.03],
            }
        ),
        postcodes=postcodes(),
        venues=libraries(),
        beside=beside(lsoas),
        expected=TOY,
    )
