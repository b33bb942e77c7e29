import pytest

from atlas.catalogue.columns import declared_columns, measures, shown
from atlas.catalogue.declarations import DeclarationError
from atlas.catalogue.sources import declared_sources

SOURCE = """
[toy]
title = "Toy"
publisher = "Toy Office"
licence = "OGL-UK-3.0"
attribution = "Source: Toy Office"
page = "https://example.org/toy"
file = "toy/toy.csv"
format = "csv"
vintage = "2024"
as_at = 2024-01-01
geography = "LSOA21"
rows = [1, 2]
columns = ["code"]
max_bytes = 1000
caveats = []
"""

COLUMN = """
[toy_rate]
label = "Toy share"
short = "Toy"
unit = "share"
need = "more"
definition = "A share of toys."
sources = ["deprivation"]
tables = ["wards"]
"""


def test_a_complete_source_is_read() -> None:
    source = declared_sources(SOURCE)["toy"]
    assert source.rows == (1, 2)
    assert source.licence_name == "Open Government Licence v3.0"


@pytest.mark.parametrize(
    ("line", "replacement", "said"),
    [
        ('title = "Toy"', "", "toy.title: this field is missing"),
        ('title = "Toy"', 'title = ""', "toy.title: this may not be empty"),
        ('title = "Toy"', 'title = "Toy"\ncolour = "red"', "toy.colour: there is no such field"),
        ('"OGL-UK-3.0"', '"NA"', "no licence 'NA'"),
        ("[1, 2]", "[2, 1]", "rows must be"),
    ],
)
def test_an_incomplete_source_is_refused(line: str, replacement: str, said: str) -> None:
    with pytest.raises(DeclarationError, match="toy") as caught:
        declared_sources(SOURCE.replace(line, replacement))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("line", "replacement", "said"),
    [
        ('"share"', '"furlongs"', "toy_rate.unit: Input should be 'code'"),
        ('"more"', '"up"', "toy_rate.need: Input should be 'more'"),
        ('["deprivation"]', '["horoscope"]', "no source 'horoscope'"),
        ('["wards"]', '["planets"]', "toy_rate.tables.0: Input should be 'wards'"),
        ('"A share of toys."', '""', "may not be empty"),
        ('tables = ["wards"]', 'tables = ["wards"]\naggregate = "mean"', "weight"),
        ('tables = ["wards"]', 'tables = ["wards"]\nmeasure = true', "theme"),
        ('tables = ["wards"]', 'tables = ["wards"]\ncount = "toys"', "declared count and total"),
        (
            'tables = ["wards"]',
            'tables = ["wards"]\nmay_be_missing = ["moons"]',
            "missing.0: Input",
        ),
    ],
)
def test_a_contradictory_column_is_refused(line: str, replacement: str, said: str) -> None:
    with pytest.raises(DeclarationError, match="toy_rate") as caught:
        declared_columns(COLUMN.replace(line, replacement))
    assert said in str(caught.value)


def test_every_fault_of_every_source_is_said_at_once_with_its_file_and_key() -> None:
    other = SOURCE.replace("[toy]", "[doll]").replace("as_at = 2024-01-01\n", "")
    with pytest.raises(DeclarationError) as caught:
        declared_sources(SOURCE.replace("1000", '"1 kB"').replace('"csv"', "3") + other)
    assert [line.split(": ")[:2] for line in str(caught.value).splitlines()] == [
        ["sources.toml", "toy.format"],
        ["sources.toml", "toy.max_bytes"],
        ["sources.toml", "doll.as_at"],
    ]


def test_a_rate_is_averaged_by_its_total() -> None:
    rate = declared_columns()["deprived_households_rate"]
    assert (rate.count, rate.total) == ("deprived_households", "households")
    assert (rate.aggregate, rate.weight) == ("mean", "households")


def test_every_column_traces_to_a_declared_source() -> None:
    for column in declared_columns().values():
        assert column.sources, column.name
        assert set(column.sources) <= set(declared_sources()), column.name


def test_every_measure_says_its_direction_or_that_it_has_none() -> None:
    for column in measures():
        assert column.need in ("more", "less", "none")
        if column.need == "none":
            assert "rent" in column.label, f"{column.name} should say what a higher value means"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("income_deprived_rate", 0.344, "34%"),
        ("income_deprived_rate", 0.0344, "3.4%"),
        ("income_deprived_rate", 0.0, "0%"),
        ("income_deprived_rate", float("nan"), "no data"),
        ("library_distance_km", 1.234, "1.2 km"),
        ("population", 12345.0, "12,345"),
        ("ward_name", "Hulme", "Hulme"),
        ("library_hours_per_week", 1204.0, "1,204 hours"),
    ],
)
def test_values_are_written_as_people_say_them(name: str, value: object, said: str) -> None:
    assert shown(declared_columns()[name], value) == said  # type: ignore[arg-type]
