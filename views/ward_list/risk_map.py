"""A map of risk: fifths of the comparison base's residents by risk, and its legend."""

import numpy as np

from atlas.briefing.slides import FIFTHS
from atlas.places.places import Place
from atlas.risk.index import Index
from views.kit.legend import show_names
from views.kit.ward_map import picture_of, ward_map
from views.session import url

_HEIGHT = 340


def risk_map(index: Index, place: Place, compared: str) -> None:
    """Draw a place's wards in fifths of the residents ``compared``; a click chooses a ward."""
    ward = url.view().ward
    fifth = (np.nan_to_num(index.band, nan=1) - 1) // 2
    picture = picture_of(
        place,
        ward,
        index.score,
        np.where(index.scored, fifth, -1).astype(int),
        label="Risk of digital exclusion",
        unit="score",
        cut=True,
        direction="higher = more need",
        class_labels=FIFTHS,
    )
    ward_map(picture, key="risk_map", height=_HEIGHT)
    show_names(picture, f"Fifths of {compared}")
