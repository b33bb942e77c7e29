"""How well the score agrees with what was observed in 2021, as a part of the Method page."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from atlas.catalogue.columns import declared_columns
from atlas.files.spreadsheets import Field
from atlas.places.places import natural
from atlas.risk import evidence as agreement
from atlas.risk.method import declared_method
from atlas.risk.request import RiskRequest
from atlas.text.lists import listed
from views.cached import risk
from views.data_and_method.words import WORDS, passage
from views.kit.downloads import address_of, csv_button
from views.kit.html import Row, escaped, items, numbers, prose, table
from views.kit.legend import show_chart
from views.session.kept import per_snapshot
from views.session.snapshot import Atlas, atlas

_MISSED = 5
_LONDON = "London"
_AGAINST = f"Spearman, with this: {declared_columns()[agreement.OUTCOME].definition}"
_FIELDS = (
    Field("measure", "Measure", "text"),
    Field("area", "Area", "text"),
    Field("rho", "Rank correlation", "score", _AGAINST),
    Field("overlap_tenth", "Tenths that agree", "share"),
    Field("overlap_fifth", "Fifths that agree", "share"),
)


@per_snapshot
def _evidence(shared: Atlas) -> agreement.Evidence:
    return agreement.evidence_of(risk.scorer())


def evidence() -> None:
    """Show agreement, calibration, what the score misses, and how the weights were chosen."""
    st.html("<h2 class='atlas-h2' id='evidence'>Checked against what happened</h2>")
    if not agreement.has_outcome(atlas().snapshot.wards):
        prose(passage("evidence", "no_outcome"))
        return
    found = _evidence()
    prose(passage("evidence", "lead", england=found.agreements.iloc[0]))
    _tenths()
    prose(
        _agreement_table(
            "England’s wards: agreement with the share of households not online in 2021",
            "measure",
            found.agreements[found.agreements["area"] == "England"],
        )
        + _agreement_table(
            "The standard score in England and in each region, by the area’s own tenths and fifths",
            "area",
            found.agreements[found.agreements["measure"] == found.agreements["measure"].iloc[0]],
        )
        + f"<p class='atlas-list'>{escaped(_london(found))}</p>"
        + _tier_table()
        + _miss_table()
        + "<h3 class='atlas-h3'>What this test cannot say</h3><ul class='atlas-list'>"
        + items(WORDS["evidence"]["cannot_say"])
        + "</ul>"
    )
    link = address_of("")
    csv_button("evidence", lambda: found.agreements, _FIELDS, "method_evidence", link=link)
    prose(
        "<h3 class='atlas-h3'>How the weights were chosen</h3>"
        + passage("evidence", "criteria", set=agreement)
        + _candidate_table(found)
        + _chosen(found)
    )


def _tenths() -> None:
    index, wards = risk.index(RiskRequest()), atlas().snapshot.wards
    frame = pd.DataFrame(
        {"band": index.band, "rate": wards[agreement.OUTCOME], "homes": wards["households"]}
    ).dropna()
    frame["there"] = frame["rate"] * frame["homes"]
    sums = frame.groupby("band")[["there", "homes"]].sum()
    shares = (sums["there"] / sums["homes"]).reset_index(name="share")
    shares["band"] = shares["band"].astype(int)
    shares["shown"] = shares["share"].map("{:.1%}".format)
    base = alt.Chart(shares).encode(
        x=alt.X(
            "band:O", title="Tenth of residents by risk, 10 the highest", axis={"labelAngle": 0}
        ),
        y=alt.Y("share:Q", title="Not online in 2021", axis={"format": "%"}),
    )
    bars = base.mark_bar(color="#0B5A9B") + base.mark_text(dy=-6).encode(text="shown:N")
    words = "; ".join(f"tenth {r.band}: {r.shown}" for r in shares.itertuples())
    said = f"Households not online in 2021 by tenth of residents by risk. {words}."
    show_chart(bars.properties(height=220), said, "evidence_tenths")


def _agreed(line: "pd.Series[float]") -> Row:
    return [
        f"{line['rho']:.2f}".replace("-", "−"),
        *(f"{line[name]:.0%}" for name in ("overlap_tenth", "overlap_fifth")),
    ]


_AGREEMENT = numbers("Rank correlation", "Tenths that agree", "Fifths that agree")


def _agreement_table(caption: str, named_by: str, lines: pd.DataFrame) -> str:
    rows = [[natural(str(line[named_by])), *_agreed(line)] for _, line in lines.iterrows()]
    return table(caption, [named_by.capitalize(), *_AGREEMENT], rows)


def _london(found: agreement.Evidence) -> str:
    wards = atlas().snapshot.wards
    inside = (wards["region_name"] == _LONDON).to_numpy()
    rate, homes = wards[agreement.OUTCOME].to_numpy(), wards["households"].to_numpy()

    def spread(rows: np.ndarray) -> tuple[float, float]:
        known = rows & ~np.isnan(rate)
        return float(np.average(rate[known], weights=homes[known])), float(rate[known].std())

    (mean, there), (england, everywhere) = spread(inside), spread(np.ones(len(rate), dtype=bool))
    parts = found.agreements[found.agreements["area"] == _LONDON].set_index("measure")["rho"]
    labels = declared_method().components
    money, age = (parts[labels[key].label] for key in ("money_and_skills", "age_and_health"))
    return (
        f"London agrees least. Fewer of its households were not online ({mean:.1%}; England "
        f"{england:.1%}), and its wards differ less ({100 * there:.1f} points; England "
        f"{100 * everywhere:.1f}, as standard deviation). Age and health agrees there too "
        f"({age:.2f}), but in London a low income hardly goes with not being online: money and "
        f"skills, {money:.2f}."
    ).replace("-", "−")


def _tier_table() -> str:
    index = risk.index(RiskRequest())
    tests = risk.run_tests(RiskRequest())
    rows = [
        [str(line["tier"]).capitalize(), f"{line['wards']:,}", f"{line[agreement.OUTCOME]:.1%}"]
        for line in agreement.calibration(index, tests, atlas().snapshot.wards).to_dict("records")
    ]
    headings = ["How sure", *numbers("Wards", "Not online in 2021")]
    return table("Households not online in 2021, by how sure a ward’s place is", headings, rows)


def _miss_table() -> str:
    wards = atlas().snapshot.wards[["ward_code", "ward_name", "authority_name"]]
    found = agreement.misses(risk.index(RiskRequest()), atlas().snapshot.wards, _MISSED)
    rows = [
        [
            f"{line['ward_name']}, {natural(str(line['authority_name']))}",
            f"{int(line['score'])}",
            f"{int(line['observed'])}",
            f"{line['kind']}: {line['reason']}",
        ]
        for line in found.merge(wards, on="ward_code", how="left").to_dict("records")
    ]
    headings = ["Ward", *numbers("Score", "By the outcome")]
    caption = "Wards that the score misses most and overstates most, both as places from 0 to 100"
    return table(caption, [*headings, "Plain reason"], rows)


def _candidate_table(found: agreement.Evidence) -> str:
    method = declared_method()
    parts = [name for name in found.candidates.columns if name in method.components]
    rows = [
        [
            line["label"],
            *(f"{line[part]:.0%}" for part in parts),
            "yes" if line["within"] else "no",
            *_agreed(line),
        ]
        for _, line in found.candidates.iterrows()
    ]
    headings = [
        "Money and skills, age and health, home connection",
        *numbers(*(f"{method.components[part].short}: influence" for part in parts)),
        "Within the limits",
        *_AGREEMENT,
    ]
    return table("The candidates, in England", headings, rows)


def _chosen(found: agreement.Evidence) -> str:
    counted = pd.Series(found.standard.chosen).value_counts()
    chosen = listed([f"“{label}” {count} times" for label, count in counted.items()])
    mostly = pd.Series(found.fitted.chosen).value_counts().index[0]
    return passage("evidence", "chosen", chosen=chosen, mostly=mostly, pooled=found.pooled)
