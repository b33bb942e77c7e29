"""Charts of the pages on support; each stands beside a table with the same figures."""

import altair as alt
import pandas as pd

BRAND, QUIET, INK = "#12436D", "#8A9099", "#1A1F26"


def beyond_chart(lines: pd.DataFrame, place: str, beyond: str) -> alt.Chart | alt.LayerChart:
    """Return a dot for each group: its share beyond reach in a place, and one for England's.

    ``lines`` has ``label``, ``share`` and ``england`` (0-1), in the order to show;
    ``beyond`` says how far, "more than a mile".
    """
    order = lines["label"].tolist()
    long = pd.concat(
        [
            pd.DataFrame({"label": order, "share": lines["share"], "where": place}),
            pd.DataFrame({"label": order, "share": lines["england"], "where": "England"}),
        ]
    )
    names = list(dict.fromkeys([place, "England"]))
    return (
        alt.Chart(long)
        .mark_point(filled=True, size=110, opacity=1)
        .encode(
            x=alt.X(
                "share:Q",
                title=f"Share living {beyond} from help",
                axis=alt.Axis(format=".0%", tickCount=5),
                scale=alt.Scale(domainMin=0),
            ),
            y=alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=320)),
            color=alt.Color(
                "where:N",
                scale=alt.Scale(domain=names, range=[BRAND, QUIET][: len(names)]),
                legend=alt.Legend(orient="top", title=None),
            ),
            shape=alt.Shape(
                "where:N",
                scale=alt.Scale(domain=names, range=["circle", "diamond"][: len(names)]),
                legend=alt.Legend(orient="top", title=None),
            ),
            tooltip=[
                alt.Tooltip("where:N", title="Area"),
                alt.Tooltip("label:N", title="Group"),
                alt.Tooltip("share:Q", title="Beyond reach", format=".0%"),
            ],
        )
        .properties(
            height=34 * len(order) + 60,
            description=f"Share of each group that lives {beyond} from help, in "
            f"{place} and in England. The table below has the same figures.",
        )
    )


def closures_chart(by_year: pd.Series, place: str) -> alt.Chart:
    """Return bars of libraries reported closed in each year (index: year, values: how many)."""
    frame = pd.DataFrame({"year": by_year.index.astype(str), "closed": by_year.to_numpy()})
    return (
        alt.Chart(frame)
        .mark_bar(color=BRAND)
        .encode(
            x=alt.X("year:O", title="Year of closure, as reported", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("closed:Q", title="Libraries", axis=alt.Axis(tickMinStep=1, format=",.0f")),
            tooltip=[
                alt.Tooltip("year:O", title="Year"),
                alt.Tooltip("closed:Q", title="Libraries reported closed"),
            ],
        )
        .properties(
            height=180,
            description=f"Libraries of {place} reported closed in each year since 2010: "
            + ", ".join(f"{year} {count}" for year, count in by_year.items() if count)
            + ".",
        )
    )
