"""Everything that a list or a file needs for a request, from one snapshot."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from atlas.access.distance import library_venues, residents_in
from atlas.access.support_score import support_table
from atlas.places.comparison_base import base_of
from atlas.places.places import Places
from atlas.risk.export import Made
from atlas.risk.index import Index, Peers, Weighting, index_of, peers
from atlas.risk.influence import weighting_of
from atlas.risk.method import declared_method
from atlas.risk.pockets import Pockets, pockets_of
from atlas.risk.request import STANDARD, RiskRequest
from atlas.risk.robustness import robustness_of
from atlas.risk.uploaded_components import published_only, with_own_figures, with_own_parts
from atlas.snapshot.snapshot import Snapshot
from atlas.uploads.figures import OwnMeasure


class Scorer:
    """A snapshot's wards and small areas made ready, so that any settings score in milliseconds.

    What does not depend on weights is kept; nothing that a reader sets is. With a reader's own
    ``measures`` of the wards ``codes`` it belongs to one session: it must not be shared.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        places: Places,
        measures: Sequence[OwnMeasure] = (),
        codes: Sequence[str] = (),
    ) -> None:
        self.snapshot, self.places = snapshot, places
        self.wards = with_own_figures(snapshot.wards, measures, codes)
        method = declared_method()
        self.method = with_own_parts(method, measures) if measures else method

    @cached_property
    def england(self) -> Peers:
        """All wards, compared with England."""
        return peers(self.wards, method=self.method, councils=self.snapshot.councils)

    @cached_property
    def small_areas(self) -> Peers:
        """All small areas, compared with England."""
        return peers(self.snapshot.lsoas, key="lsoa_code")

    @cached_property
    def presets(self) -> dict[str, Weighting]:
        """The declared presets' weights, by key."""
        declared = self.england.method.presets
        return {key: weighting_of(preset, self.method) for key, preset in declared.items()}

    def weighting(self, asked: RiskRequest) -> Weighting:
        """Return the weights asked for. Raises ``ValueError`` where they make no score."""
        return asked.weighting(self.england) if asked.is_own else self.presets[asked.preset]

    def group(self, asked: RiskRequest) -> Peers:
        """Return the wards of the base that the request names, ready for scoring."""
        base = base_of(self.places, asked.base)
        if base.is_england:
            return self.england
        inside = self.places.inside(*base.codes)
        return peers(self.wards, inside, method=self.method, councils=self.snapshot.councils)

    @cached_property
    def _england_by_preset(self) -> dict[str, Index]:
        return {key: index_of(self.england, weighting) for key, weighting in self.presets.items()}

    def by_preset(self, asked: RiskRequest) -> dict[str, Index]:
        """Return every preset's index against the base that the request names."""
        group = self.group(asked)
        if group is self.england:
            return self._england_by_preset
        return {key: index_of(group, weighting) for key, weighting in self.presets.items()}

    def index(self, asked: RiskRequest) -> Index:
        """Return the wards' scores against the base that the request names."""
        return index_of(self.group(asked), self.weighting(asked))

    def pockets(self, asked: RiskRequest) -> Pockets:
        """Return small areas at high risk, by the published parts alone and against England."""
        weighting = self.weighting(published_only(asked))
        return pockets_of(self.small_areas, weighting, self.snapshot.lsoas, self.snapshot.wards)

    def made(self, asked: RiskRequest, draws: int | None = None) -> Made:
        """Return index, robustness and pockets together; a second or two for all England."""
        index = self.index(asked)
        tests = robustness_of(index, draws)
        base = base_of(self.places, asked.base)
        return Made(self.snapshot, self.wards, base, index, tests, self.pockets(asked))


def with_derived_columns(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with ``risk_score`` (standard weights, against England),
    ``support_score`` and the shares within a walk of a library among its wards' columns. Read-only;
    NaN without a figure.
    """
    ready = peers(snapshot.wards)
    weighting = weighting_of(ready.method.presets[STANDARD], ready.method)
    risk = index_of(ready, weighting).cut_score
    wards = snapshot.wards.assign(risk_score=risk)
    table = support_table(wards, residents_in(snapshot), library_venues(snapshot.libraries))
    walks = snapshot.walking.set_index("ward_code").reindex(wards["ward_code"])
    derived = {str(name): walks[name].to_numpy(float, copy=True) for name in walks}
    derived["support_score"] = np.round(table["support_score"].to_numpy(), 4)
    for values in (risk, *derived.values()):
        values.flags.writeable = False
    return replace(snapshot, wards=wards.assign(**derived))
