"""Files in the layouts that officers really have, with what is right for each.

Tables are made in memory in the shapes of schools (GIAS), Fingertips, Nomis, ONS custom datasets,
the Indices of Deprivation, the Arts Council, Open Referral UK and councils' open data, and each is
dressed in several ways: encodings, separators, titles, footnotes, covers, workbooks. Areas and
postcodes are real ones of Manchester and Trafford; figures are made up.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from atlas.uploads.check_file import Surroundings, check_file, choices_from
from tests.atlas.uploads.files import csv, fill, written

Kind = Literal["places", "figures", "postcodes"]
Cells = Sequence[Sequence[object]]

WARDS = {
    "E05011355": "Ancoats & Beswick",
    "E05011356": "Ardwick",
    "E05011361": "Deansgate",
    "E05011368": "Hulme",
}
# All small areas (2021) that fit the ward Hulme best.
HULME = (
    "E01005208", "E01005210", "E01005212", "E01005213", "E01005214", "E01033660", "E01033672",
    "E01033673", "E01034118",
)  # fmt: skip
POSTCODES = ("M15 5AZ", "M1 1AD", "M32 0TH", "M5 4WT")


@dataclass(frozen=True)
class Layout:
    """One table and what is right for it.

    ``right`` are (code or name, value) of the rows kept, in order; the value is None for places
    and postcodes. ``unit`` is that of the figure. ``choose`` is the one choice that it takes and
    ``refused`` a word of the reason where nothing of it can be taken.
    """

    name: str
    kind: Kind
    table: Cells
    right: tuple[tuple[str, object], ...] = ()
    unit: str = ""
    choose: tuple[str, ...] = ()
    refused: str = ""
    percent: tuple[int, ...] = ()


@dataclass(frozen=True)
class LayoutFile:
    """A layout in one of its dresses."""

    layout: Layout
    dress: str
    data: Callable[[], bytes] = field(repr=False)

    @property
    def name(self) -> str:
        """The layout and its dress."""
        return f"{self.layout.name}, {self.dress}"


# --- dresses ----------------------------------------------------------------------------------


def _line(row: Sequence[object], sign: str = ",") -> str:
    cells = ["" if cell is None else str(cell) for cell in row]
    return sign.join(f'"{c}"' if any(s in c for s in (sign, '"', "\n")) else c for c in cells)


def _delimited(
    table: Cells, sign: str = ",", encoding: str = "utf-8", above: Cells = (), below: Cells = ()
) -> bytes:
    return csv(*(_line(row, sign) for row in (*above, *table, *below)), encoding=encoding)


def _in_quotation_marks(table: Cells) -> bytes:
    """A table whose lines a program took for texts, so that each is one cell."""
    return csv(*('"' + _line(row).replace('"', '""') + '"' for row in table))


def _comma_decimals(table: Cells) -> bytes:
    """A table as a program writes it whose decimals are commas."""
    rows = [
        [str(cell).replace(".", ",") if isinstance(cell, float) else cell for cell in row]
        for row in table
    ]
    return _delimited(rows, ";")


def _workbook(
    layout: Layout, sheets: Mapping[str, Cells] | None = None, below: Cells = ()
) -> bytes:
    def write(book: object) -> None:
        for name, rows in (sheets or {}).items():
            fill(book.add_worksheet(name), tuple(map(tuple, rows)))  # type: ignore[attr-defined]
        sheet = book.add_worksheet("Table 1")  # type: ignore[attr-defined]
        rows = [list(row) for row in (*layout.table, *below)]
        fill(sheet, tuple(map(tuple, rows)))
        style = book.add_format({"num_format": "0.0%"})  # type: ignore[attr-defined]
        for column in layout.percent:
            for number, row in enumerate(layout.table[1:], start=1):
                sheet.write(number, column, float(str(row[column]).rstrip("%")) / 100, style)

    return written(write)


_TITLE = (("Figures for Exampleshire",), ("As at March 2024",), ())
_FOOT = ((), ("Source: Exampleshire Council",), ("Notes: figures are rounded.",))
_COVERS = {
    "Cover": (("Exampleshire statistics",), ("Published 2024",)),
    "Contents": (("Sheet", "Title"), ("Table 1", "Figures")),
    "Notes": (("Note", "Text"), ("1", "Figures are rounded")),
}
_DRESSES: dict[str, Callable[[Layout], bytes]] = {
    "plain": lambda layout: _delimited(layout.table),
    "UTF-8 with its mark": lambda layout: _delimited(layout.table, encoding="utf-8-sig"),
    "tabs in UTF-16": lambda layout: _delimited(layout.table, "\t", "utf-16"),
    "a title above": lambda layout: _delimited(layout.table, above=_TITLE),
    "footnotes below": lambda layout: _delimited(layout.table, below=_FOOT),
    "semicolons and decimal commas": lambda layout: _comma_decimals(layout.table),
    "every line in quotation marks": lambda layout: _in_quotation_marks(layout.table),
    "a workbook": lambda layout: _workbook(layout),
    "a workbook with covers": lambda layout: _workbook(layout, _COVERS, _FOOT),
}


def files() -> list[LayoutFile]:
    """Return every layout in every dress that suits it."""
    found = []
    for layout in LAYOUTS:
        for dress, make in _DRESSES.items():
            if layout.percent and "workbook" not in dress:
                continue
            if len(layout.table[0]) == 1 and "every line" in dress:
                continue
            found.append(LayoutFile(layout, dress, lambda make=make, layout=layout: make(layout)))  # type: ignore[misc]
    return found


# --- figures ----------------------------------------------------------------------------------


def _wards(values: Sequence[object]) -> tuple[tuple[str, object], ...]:
    return tuple(zip(WARDS, values, strict=True))


def _by_ward(head: Sequence[str], *columns: Sequence[object]) -> Cells:
    """Code, name and columns, a row for each ward."""
    rows = zip(WARDS.items(), *columns, strict=True)
    return [list(head), *([code, name, *cells] for (code, name), *cells in rows)]


def _small(values: Sequence[object]) -> tuple[tuple[str, object], ...]:
    return tuple(zip(HULME, values, strict=True))


_RESIDENTS = (1401, 1502, 1603, 1704, 1805, 2106, 1307, 1408, 1509)


def _fingertips() -> Cells:
    head = (
        "Indicator ID,Indicator Name,Parent Code,Parent Name,Area Code,Area Name,Area Type,Sex,Age,"
        "Category Type,Category,Time period,Value,Lower CI 95.0 limit,Upper CI 95.0 limit,Count,"
        "Denominator,Time period Sortable"
    )
    rows: list[Sequence[object]] = [head.split(",")]
    for year in (2021, 2022):
        for n, (code, name) in enumerate(WARDS.items()):
            value = year - 2000 + n + 0.5
            rows.append(
                [93553, "Deprivation score", "E08000003", "Manchester", code, name, "Ward",
                 "Persons", "All ages", "", "", year, value, value - 1, value + 1, 100 + n, 1000,
                 f"{year}0000"]
            )  # fmt: skip
    return rows


def _ons(areas: Sequence[str], what: str, kinds: Sequence[str], first: int) -> Cells:
    """A custom dataset of the Census: one row for each area and category."""
    rows: list[Sequence[object]] = [
        [f"{what} Code", what, "Disability (3 categories) Code", "Disability (3 categories)",
         "Observation"]
    ]  # fmt: skip
    for n, area in enumerate(areas):
        for k, kind in enumerate(kinds):
            rows.append([area, f"Area {n}", k, kind, first + 10 * n + k])
    return rows


_KINDS = ("Does not apply", "Disabled under the Equality Act", "Not disabled")


def _nomis(heading: str, areas: Sequence[tuple[str, str]], values: Sequence[object]) -> Cells:
    return [
        ["TS001 - Number of usual residents in households"],
        ["ONS Crown Copyright Reserved [from Nomis on 4 March 2024]"],
        [],
        ["date", "2021"],
        ["units", "Persons"],
        [],
        [heading, "mnemonic", "2021"],
        *([f"{name}", code, value] for (code, name), value in zip(areas, values, strict=True)),
        [],
        ["In order to protect against disclosure, records have been swapped between areas."],
    ]  # fmt: skip


def _iod() -> Cells:
    head = (
        "LSOA code (2021)|LSOA name (2021)|Local Authority District code (2024)|"
        "Local Authority District name (2024)|Index of Multiple Deprivation (IMD) Score|"
        "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)|"
        "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)|"
        "Total population: mid 2022"
    )
    rows: list[Sequence[object]] = [head.split("|")]
    for n, code in enumerate(HULME):
        rows.append(
            [code, f"Manchester 0{n}A", "E08000003", "Manchester", 30.5 + n, 900 + n, 1, 1500]
        )
    return rows


LAYOUTS = [
    Layout(
        "Fingertips",
        "figures",
        _fingertips(),
        _wards([22.5, 23.5, 24.5, 25.5]),
        "score",
    ),
    Layout(
        "ONS custom dataset of LSOAs",
        "figures",
        _ons(HULME, "Lower layer Super Output Areas", _KINDS, 200),
        _small([201 + 10 * n for n in range(9)]),
        "people",
        ("Disability (3 categories)=filter:Disabled under the Equality Act",),
    ),
    Layout(
        "ONS custom dataset of wards",
        "figures",
        _ons(list(WARDS), "Electoral wards and divisions", _KINDS, 500),
        _wards([502, 512, 522, 532]),
        "people",
        ("Disability (3 categories)=filter:Not disabled",),
    ),
    Layout(
        "Nomis by LSOA",
        "figures",
        _nomis(
            "2021 super output area - lower layer",
            [(code, f"Manchester {n}A") for n, code in enumerate(HULME)],
            _RESIDENTS,
        ),
        _small(_RESIDENTS),
        "people",
    ),
    Layout(
        "Nomis by ward",
        "figures",
        _nomis("2022 ward", list(WARDS.items()), [7400, 7502, 7603, 7704]),
        _wards([7400, 7502, 7603, 7704]),
        "people",
    ),
    Layout(
        "Nomis with code and name in one cell",
        "figures",
        [
            ["Area", "Economically active: Unemployed", "Percent"],
            *([f"{code} : {name}", 100 + n, 4.5] for n, (code, name) in enumerate(WARDS.items())),
        ],
        _wards([100, 101, 102, 103]),
        "people",
    ),
    Layout(
        "Indices of Deprivation",
        "figures",
        _iod(),
        _small([30.5 + n for n in range(9)]),
        "score",
    ),
    Layout(
        "claimants by ward",
        "figures",
        _by_ward(
            ["Ward code", "Ward", "Claimants", "Rate"], (210, 180, 95, 160), (5.1, 6.2, 2.3, 4.4)
        ),
        _wards([210, 180, 95, 160]),
        "people",
    ),
    Layout(
        "rate before count, chosen",
        "figures",
        _by_ward(
            ["Ward code", "Ward", "Rate", "Claimants"], (5.1, 6.2, 2.3, 4.4), (210, 180, 95, 160)
        ),
        _wards([210, 180, 95, 160]),
        "people",
        ("Claimants=figure",),
    ),
    Layout(
        "turnout with councillors and party",
        "figures",
        _by_ward(
            ["Ward code", "Ward name", "Councillor", "Party", "Electorate", "Turnout (%)"],
            ("Jane Brown", "John Green", "Mary Black", "Alan White"),
            ("A", "B", "A", "A"),
            (12001, 11002, 13003, 9004),
            (30.1, 25.2, 41.3, 28.4),
        ),
        _wards([12001, 11002, 13003, 9004]),
        "people",
    ),
    Layout(
        "devices lent, few of them",
        "figures",
        _by_ward(["Ward code", "Ward", "Laptops lent"], (3, 12, 1, 40)),
        _wards([3, 12, 1, 40]),
        "count",
    ),
    Layout(
        "learners, few of them",
        "figures",
        _by_ward(["WD24CD", "WD24NM", "Learners"], (3, 12, 1, 40)),
        _wards([None, 12, None, 40]),
        "people",
    ),
    Layout(
        "households with a percentage column",
        "figures",
        _by_ward(["GSS code", "Area", "% households without internet"], (8.5, 12.25, 4.5, 19.75)),
        _wards([8.5, 12.25, 4.5, 19.75]),
        "percentage",
    ),
    Layout(
        "percent signs",
        "figures",
        _by_ward(["Ward code", "Ward", "Online"], ("85%", "0%", "100%", "67%")),
        _wards([85, 0, 100, 67]),
        "percentage",
    ),
    Layout(
        "percent cells of Excel",
        "figures",
        _by_ward(["Ward code", "Ward", "percentage"], ("85%", "20%", "100%", "67.5%")),
        _wards([85, 20, 100, 67.5]),
        "percentage",
        percent=(2,),
    ),
    Layout(
        "shares under a heading that says percent",
        "figures",
        _by_ward(["Ward code", "Ward", "percentage"], (0.25, 0.5, 0.125, 0.75)),
        _wards([0.25, 0.5, 0.125, 0.75]),
        "share",
        ("percentage=figure:share",),
    ),
    Layout(
        "shares",
        "figures",
        _by_ward(["Ward code", "Ward", "Share offline"], (0.25, 0.5, 0.125, 0.75)),
        _wards([0.25, 0.5, 0.125, 0.75]),
        "share",
    ),
    Layout(
        "suppressed counts",
        "figures",
        _by_ward(["Ward code", "Ward", "Pupils"], ("*", 120, "[c]", 98)),
        (("E05011356", 120), ("E05011368", 98)),
        "people",
    ),
    Layout(
        "revised figures",
        "figures",
        _by_ward(["Ward code", "Ward", "Residents"], ("120 [r]", "130", "140p", "150")),
        _wards([120, 130, 140, 150]),
        "people",
    ),
    Layout(
        "council, ward and year",
        "figures",
        [
            ["LAD24CD", "LAD24NM", "WD24CD", "WD24NM", "Year", "House price (median)"],
            *(
                ["E08000003", "Manchester", code, name, 2023, 200_500 + n]
                for n, (code, name) in enumerate(WARDS.items())
            ),
        ],
        _wards([200_500, 200_501, 200_502, 200_503]),
        "score",
    ),
    Layout(
        "years side by side",
        "figures",
        _by_ward(
            ["Ward code", "Ward", "2021", "2022", "2023"],
            (10, 11, 12, 13),
            (20, 21, 22, 23),
            (30, 31, 32, 33),
        ),
        _wards([30, 31, 32, 33]),
        "people",
    ),
    Layout(
        "a long table of quarters",
        "figures",
        [
            ["ward_code", "quarter", "sex", "value"],
            *(
                [code, quarter, sex, 10 * n + q + s]
                for n, code in enumerate(WARDS)
                for q, quarter in enumerate(("2023 Q3", "2023 Q4"))
                for s, sex in ((0, "Female"), (5, "Male"), (9, "All"))
            ),
        ],
        _wards([10, 20, 30, 40]),
        "people",
    ),
    Layout(
        "wards by name with an official council name",
        "figures",
        [
            ["Ward", "Local authority", "Members"],
            *([name, "Manchester City Council", 10 + n] for n, name in enumerate(WARDS.values())),
        ],
        tuple((name, 10 + n) for n, name in enumerate(WARDS.values())),
        "people",
    ),
    Layout(
        "wards by name with the council in brackets",
        "figures",
        [
            ["Ward", "Visitors"],
            *(
                [f"{name.replace('&', 'and')} Ward (Manchester)", 10 + n]
                for n, name in enumerate(WARDS.values())
            ),
        ],
        tuple(
            (f"{name.replace('&', 'and')} Ward", 10 + n) for n, name in enumerate(WARDS.values())
        ),
        "people",
    ),
    Layout(
        "house prices under a title that says so",
        "figures",
        [
            ["Median price paid by ward"],
            ["Local authority code", "Ward code", "Year ending Dec 2021", "Year ending Mar 2022"],
            *(["E08000003", code, 170_500, 180_500 + n] for n, code in enumerate(WARDS)),
        ],
        _wards([180_500 + n for n in range(4)]),
        "score",
    ),
    Layout(
        "a pivot table of Excel",
        "figures",
        [
            ["Sum of Attendances", "Column Labels"],
            ["Row Labels", "2023", "2024", "Grand Total"],
            *([name, 10 + n, 20, 30 + n] for n, name in enumerate(WARDS.values())),
            ["Grand Total", 46, 80, 126],
        ],
        tuple((name, 30 + n) for n, name in enumerate(WARDS.values())),
        "people",
    ),
    Layout(
        "a pivot table with each council beside its first ward",
        "figures",
        [
            ["Council", "Ward", "Sum of Learners"],
            ["Manchester", "Hulme", 110],
            ["", "Brooklands", 140],
            ["Manchester Total", "", 250],
            ["Trafford", "Altrincham", 61],
            ["", "Brooklands", 72],
        ],
        (("Hulme", 110), ("Brooklands", 140), ("Altrincham", 61), ("Brooklands", 72)),
        "people",
    ),
    Layout(
        "quarters of financial years side by side",
        "figures",
        _by_ward(
            ["Ward code", "Ward", "Q3 2023/24", "Q1 2024/25", "Q2 2024/25"],
            (31, 32, 33, 34),
            (11, 12, 13, 14),
            (21, 22, 23, 24),
        ),
        _wards([21, 22, 23, 24]),
        "people",
    ),
    Layout(
        "a bulk table of the Census",
        "figures",
        [
            [
                "date",
                "geography",
                "geography code",
                "Qualifications: Total: All usual residents",
                "Qualifications: Level 1",
            ],
            *([2021, f"Manchester {n}A", code, 90 + n, 30 + n] for n, code in enumerate(HULME)),
        ],
        _small([30 + n for n in range(9)]),
        "people",
        choose=("Qualifications: Level 1=figure",),
    ),
    Layout(
        "a log of referrals by day and postcode",
        "figures",
        [
            ["Date", "Postcode", "Number referred"],
            ["01/10/2025", "M15 5AZ", 6],
            ["02/10/2025", "M15 5AZ", 7],
            ["03/10/2025", "M1 1AD", 9],
        ],
        (("M15 5AZ", 6), ("M15 5AZ", 7), ("M1 1AD", 9)),
        "people",
    ),
    Layout(
        "visits by postcode",
        "figures",
        [
            ["Site", "Postcode", "Visits"],
            *([f"Library {n}", p, 100 + n] for n, p in enumerate(POSTCODES)),
        ],
        tuple((p, 100 + n) for n, p in enumerate(POSTCODES)),
        "count",
    ),
    Layout(
        "people by postcode and ward",
        "figures",
        [
            ["Postcode", "Ward code", "Members"],
            ["M15 5AZ", "E05011368", 12],
            ["M15 5AZ", "E05011368", 9],
            ["M1 1AD", "E05011361", 7],
        ],
        (("M15 5AZ", 12), ("M15 5AZ", 9), ("M1 1AD", 7)),
        "people",
    ),
    Layout(
        "only council figures",
        "figures",
        [
            ["LAD24CD", "LAD24NM", "Claimants"],
            ["E08000003", "Manchester", 900],
            ["E08000009", "Trafford", 300],
        ],
        refused="a council",
    ),
    Layout(
        "one small area of a ward",
        "figures",
        [["LSOA code", "Members"], ["E01033653", 12]],
        refused="LSOAs of the ward",
    ),
    Layout(
        "mixed percentages and shares",
        "figures",
        _by_ward(["Ward code", "Ward", "Online"], ("85%", 0.5, "100%", "67%")),
        refused="mixes percentages",
    ),
    Layout(
        "names of learners",
        "figures",
        [
            ["Postcode", "Learner", "Hours"],
            ["M15 5AZ", "Jane Brown", 3],
            ["M1 1AD", "John Green", 4],
        ],
        refused="about people",
    ),
    Layout(
        "words in place of figures",
        "figures",
        _by_ward(["Ward code", "Ward", "Rating"], ("high", "low", "high", "medium")),
        refused="No column holds figures",
    ),
    Layout(
        "changes below zero in brackets",
        "figures",
        _by_ward(
            ["Ward code", "Ward", "Change in claimants (%)"], ("(3.2%)", "4%", "(0.5%)", "2%")
        ),
        _wards([-3.2, 4, -0.5, 2]),
        "score",
    ),
    Layout(
        "thousands apart by hard spaces",
        "figures",
        _by_ward(["Ward code", "Ward", "Residents"], ("12\u00a0345", "1\u202f234", "7 890", "911")),
        _wards([12345, 1234, 7890, 911]),
        "people",
    ),
    Layout(
        "financial years side by side",
        "figures",
        _by_ward(
            ["Ward code", "Ward", "2020/21 learners", "2021/22 learners"],
            (11, 12, 13, 14),
            (7, 8, 9, 6),
        ),
        _wards([7, 8, 9, 6]),
        "people",
    ),
    Layout(
        "levels of areas in one table (schools statistics)",
        "figures",
        [
            [
                "time_period",
                "geographic_level",
                "country_code",
                "la_name",
                "ward_code",
                "headcount",
            ],
            ["202223", "National", "E92000001", "", "", 1000],
            ["202223", "Local authority", "E92000001", "Manchester", "", 900],
            *(
                ["202223", "Ward", "E92000001", "Manchester", code, 100 + n]
                for n, code in enumerate(WARDS)
            ),
        ],
        _wards([100, 101, 102, 103]),
        "people",
        ("geographic_level=filter:Ward",),
    ),
    Layout(
        "age groups without a total",
        "figures",
        [
            ["Ward code", "Age group", "Count"],
            *(
                [code, age, 10 * n + 7]
                for n, age in enumerate(("16 to 64", "65+"))
                for code in WARDS
            ),
        ],
        _wards([17, 17, 17, 17]),
        "people",
        ("Age group=filter:65+",),
    ),
    Layout(
        "names with the numbers of footnotes",
        "figures",
        [
            ["Ward", "Council", "Learners"],
            ["Hulme [1]", "Manchester", 12],
            ["Ardwick (note 2)", "Manchester", 13],
            ["Deansgate*", "Manchester", 14],
        ],
        (("Hulme [1]", 12), ("Ardwick (note 2)", 13), ("Deansgate*", 14)),
        "people",
    ),
    Layout(
        "names with codes in brackets",
        "figures",
        [["Ward", "Learners"], *([f"{name} ({code})", 12] for code, name in WARDS.items())],
        _wards([12, 12, 12, 12]),
        "people",
    ),
    Layout(
        "totals of a council and of England",
        "figures",
        [
            *_by_ward(["Ward code", "Ward", "Learners"], (10, 20, 30, 40)),
            ["E08000003", "Manchester", 100],
            ["E92000001", "England", 9999],
        ],
        _wards([10, 20, 30, 40]),
        "people",
    ),
    Layout(
        "rates by postcode sector",
        "figures",
        [["Postcode sector", "Rate"], ["M15 5", 12.5], ["M15 4", 5.25], ["M1 1", 7.5]],
        (("M15 5", 12.5), ("M15 4", 5.25), ("M1 1", 7.5)),
        "score",
    ),
    Layout(
        "members by postcode district",
        "figures",
        [["Postcode district", "Average age"], ["M15", 42.5], ["M1", 35.25], ["M16", 51.5]],
        (("M15", 42.5), ("M1", 35.25), ("M16", 51.5)),
        "score",
    ),
    Layout(
        "MSOAs by name",
        "figures",
        [["MSOA", "Learners"], ["Manchester 054", 120], ["Manchester 055", 50]],
        (("E02006902", 120), ("E02006912", 50)),
        "people",
    ),
    # --- places -------------------------------------------------------------------------------
    Layout(
        "schools (GIAS)",
        "places",
        [
            [
                "URN",
                "LA (code)",
                "LA (name)",
                "EstablishmentNumber",
                "EstablishmentName",
                "TypeOfEstablishment (name)",
                "EstablishmentStatus (name)",
                "OpenDate",
                "CloseDate",
                "NumberOfPupils",
                "Street",
                "Town",
                "Postcode",
                "SchoolWebsite",
                "TelephoneNum",
                "HeadTitle (name)",
                "HeadFirstName",
                "HeadLastName",
                "Easting",
                "Northing",
                "AdministrativeWard (name)",
                "GSSLACode (name)",
            ],
            [
                105400,
                352,
                "Manchester",
                2001,
                "Hulme Primary",
                "Community school",
                "Open",
                "",
                "",
                210,
                "1 Long Street",
                "Manchester",
                "M15 5AZ",
                "x.example",
                "1610000000",
                "Mrs",
                "Jane",
                "Brown",
                383525,
                396775,
                "Hulme",
                "E08000003",
            ],
            [
                105401,
                352,
                "Manchester",
                2002,
                "Old Primary",
                "Community school",
                "Closed",
                "",
                "31-08-2015",
                0,
                "2 Long Street",
                "Manchester",
                "M1 1AD",
                "",
                "",
                "",
                "",
                "",
                384700,
                398100,
                "Deansgate",
                "E08000003",
            ],
            [
                105402,
                352,
                "Manchester",
                2003,
                "City Primary",
                "Academy",
                "Open, but proposed to close",
                "",
                "",
                150,
                "3 Long Street",
                "Manchester",
                "M1 1AD",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "Deansgate",
                "E08000003",
            ],
        ],
        (("Hulme Primary", None), ("City Primary", None)),
    ),
    Layout(
        "libraries (Arts Council)",
        "places",
        [
            [
                "Reporting service",
                "Reporting service code",
                "Name",
                "Type",
                "Address 1",
                "Postcode",
                "Easting",
                "Northing",
                "Longitude",
                "Latitude",
                "Operation in 2023",
                "Year opened",
                "Year closed",
                "Monday opening times",
                "Saturday opening times",
                "Hours open per week",
                "Staffed hours per week",
                "Email or website",
            ],
            [
                "Manchester City Council",
                "E08000003",
                "Hulme",
                "Static Library",
                "1 Street",
                "M15 5AZ",
                383525,
                396775,
                -2.2496,
                53.4673,
                "LA",
                1999,
                "",
                "All Day (continuous)",
                "AM Only",
                40,
                40,
                "hulme@example.org",
            ],
            [
                "Manchester City Council",
                "E08000003",
                "Old",
                "Static Library",
                "2 Street",
                "M1 1AD",
                "",
                "",
                "",
                "",
                "",
                1950,
                2014,
                "",
                "",
                "",
                "",
                "",
            ],
        ],
        (("Hulme", None),),
    ),
    Layout(
        "services (Open Referral UK)",
        "places",
        [
            [
                "id",
                "organization_name",
                "service_name",
                "location_name",
                "address_1",
                "city",
                "postal_code",
                "latitude",
                "longitude",
                "schedule",
                "attending_type",
                "assured_date",
            ],
            [
                "4f1",
                "Age UK",
                "Digital drop-in",
                "Zion Centre",
                "339 Stretford Road",
                "Manchester",
                "M15 5AZ",
                53.4673,
                -2.2496,
                "Mon 10-12",
                "venue",
                "2026-05-01",
            ],
            [
                "4f2",
                "Age UK",
                "Tablet club",
                "Town Hall",
                "Albert Square",
                "Manchester",
                "M1 1AD",
                "",
                "",
                "",
                "venue",
                "2026-05-01",
            ],
        ],
        (("Zion Centre", None), ("Town Hall", None)),
    ),
    Layout(
        "community centres of a council",
        "places",
        [
            ["FID", "community_centre", "address", "geox", "geoy"],
            [1, "Zion Centre", "339 Stretford Road", 383525, 396775],
            [2, "Deansgate Hall", "1 Deansgate", 383500, 397900],
        ],
        (("Zion Centre", None), ("Deansgate Hall", None)),
    ),
    Layout(
        "databank hubs with contact details",
        "places",
        [
            ["Organisation", "Site name", "Address", "Contact email", "Open"],
            [
                "Good Org",
                "Zion Centre",
                "339 Stretford Road, Manchester M15 5AZ",
                "z@example.org",
                "Yes",
            ],
            ["Good Org", "Town Hall", "Albert Square, Manchester, M1 1AD", "t@example.org", "No"],
        ],
        (("Zion Centre", None),),
    ),
    Layout(
        "venues with blanks written as words",
        "places",
        [
            ["Venue", "Post Code", "Opening times", "Lat", "Long"],
            ["Zion Centre", "m155az", "N/A", "NA", "NA"],
            ["Town Hall", "M1 1AD.", "not known", "-", "-"],
        ],
        (("Zion Centre", None), ("Town Hall", None)),
    ),
    Layout(
        "practices without headings (NHS)",
        "places",
        [
            ["P84001", "THE ARCH PRACTICE", "Y56", "1 ROAD", "M15 5AZ", "19740401"],
            ["P84002", "CORNBROOK SURGERY", "Y56", "2 ROAD", "M1 1AD", "19740401"],
        ],
        (("THE ARCH PRACTICE", None), ("CORNBROOK SURGERY", None)),
    ),
    Layout(
        "a list of names without places",
        "places",
        [["Venue", "Website"], ["Zion Centre", "z.example"], ["Town Hall", "t.example"]],
        refused="where the places are",
    ),
    Layout(
        "a list of clients",
        "places",
        [["Client name", "Postcode", "Date of birth"], ["A B", "M15 5AZ", "1950-01-01"]],
        refused="about people",
    ),
    Layout(
        "beginning and end of each day",
        "places",
        [
            ["Venue", "Postcode", "Mon open", "Mon close", "Closure date"],
            ["Zion Centre", "M15 5AZ", "09:00", "17:00", "31/12/2199"],
            ["Town Hall", "M1 1AD", "Closed", "", "31/12/2019"],
        ],
        (("Zion Centre", None),),
    ),
    Layout(
        "places by grid reference",
        "places",
        [["Site", "Grid ref"], ["Zion Centre", "SJ 8398 9812"], ["Deansgate Hall", "SJ8398098120"]],
        (("Zion Centre", None), ("Deansgate Hall", None)),
    ),
    Layout(
        "states of places",
        "places",
        [
            ["Name", "Postcode", "Status"],
            ["Zion Centre", "M15 5AZ", "Open - reduced hours"],
            ["Town Hall", "M1 1AD", "Temporarily closed"],
            ["Old Hall", "M32 0TH", "Permanently Closed"],
        ],
        (("Zion Centre", None),),
    ),
    # --- postcodes ----------------------------------------------------------------------------
    Layout(
        "postcodes in a column",
        "postcodes",
        [["Reference", "Postcode"], *([n, p] for n, p in enumerate(POSTCODES))],
        tuple((p, None) for p in POSTCODES),
    ),
    Layout(
        "postcodes in addresses",
        "postcodes",
        [["No", "Address"], *([n, f"{n} Long Street, Town {p}"] for n, p in enumerate(POSTCODES))],
        tuple((p, None) for p in POSTCODES),
    ),
    Layout(
        "postcodes in two columns",
        "postcodes",
        [["From", "To"], ["M15 5AZ", "M1 1AD"], ["M32 0TH", "M15 5AZ"], ["M5 4WT", ""]],
        tuple((p, None) for p in POSTCODES),
    ),
]


# --- what came of them ------------------------------------------------------------------------

Outcome = Literal["right by default", "right after one choice", "refused with the reason", "wrong"]


def outcome(file: LayoutFile, around: Surroundings) -> tuple[Outcome, dict[str, object]]:
    """Check a file as the command does; return how that compares with what is right.

    A file that needs a choice is right only if what the guesses gave says that there is one.
    """
    layout = file.layout
    found = _checked(file, around, ())
    if layout.refused:
        refused = not found["accepted"] and layout.refused in str(found)
        return ("refused with the reason" if refused else "wrong"), found
    if not layout.choose:
        return ("right by default" if _is_right(layout, found) else "wrong"), found
    said = found["problem"] or any(
        "told apart" in note or "Other columns" in note for note in found["notes"]
    )
    chosen = _checked(file, around, layout.choose)
    right = bool(said) and _is_right(layout, chosen)
    return ("right after one choice" if right else "wrong"), chosen


def _checked(file: LayoutFile, around: Surroundings, choose: tuple[str, ...]) -> dict:
    choices = choices_from(choose)
    return check_file(file.data(), file.layout.kind, choices, "E92000001", lambda: around)


def _is_right(layout: Layout, found: dict) -> bool:
    rows = tuple((row.get("code") or row["name"], row.get("value")) for row in found["rows"])
    unit = next((column["unit"] for column in found["columns"] if column["unit"]), "")
    return rows == layout.right and unit == layout.unit and found["problem"] is None
