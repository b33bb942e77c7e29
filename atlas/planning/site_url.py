"""What a link to "where next" asks: for whom, how many sites, which aim, which candidates."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from atlas.catalogue.cohorts import AT_RISK
from atlas.places.notices import Notices
from atlas.places.places import ENGLAND
from atlas.planning.sites import KINDS, MOST_SITES, OBJECTIVES, Kind, Objective

KEYS = ("group", "sites", "aim", "sort")
# In an address a kind is one word.
WORDS: dict[str, Kind] = {
    "neighbourhoods": "neighbourhood",
    "unstaffed": "unstaffed library",
    "closed": "closed library",
    "yours": "yours",
}


@dataclass(frozen=True)
class SiteRequest:
    """One question to the chooser of sites. ``kinds`` are in the order of :data:`KINDS`; a
    visitor's own places are candidates only when asked for, and else help already.
    """

    place: str = ENGLAND
    cohort: str = AT_RISK
    sites: int = 5
    objective: Objective = "reach"
    kinds: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind != "yours")

    def query(self) -> dict[str, str]:
        """Return the address parameters that ask this again, without the place; no defaults."""
        usual = SiteRequest()._params()
        return {k: said for k, said in self._params().items() if said and said != usual[k]}

    def _params(self) -> dict[str, str]:
        words = {kind: word for word, kind in WORDS.items()}
        kinds = ".".join(words[kind] for kind in self.kinds)
        asked = (self.cohort, str(self.sites), self.objective, kinds)
        return dict(zip(KEYS, asked, strict=True))


def request_from(
    params: Mapping[str, str], place: str, cohorts: Collection[str], notices: Notices
) -> SiteRequest:
    """Read a request for one of ``cohorts``; what cannot be used is left out with a notice."""
    plain = SiteRequest()
    cohort = params.get("group", plain.cohort)
    if cohort not in cohorts:
        notices.add("The group in this link is not counted by small area: all residents are shown.")
        cohort = plain.cohort
    sites = params.get("sites", str(plain.sites))
    if sites not in {str(number) for number in range(1, MOST_SITES + 1)}:
        notices.add(f"The number of sites in this link is not 1 to {MOST_SITES}: 5 are shown.")
        sites = str(plain.sites)
    aim = params.get("aim", plain.objective)
    if aim not in OBJECTIVES:
        notices.add("The aim in this link is not known: the most people within reach is shown.")
        aim = plain.objective
    words = {word for word in params.get("sort", "").split(".") if word}
    if not words <= set(WORDS):
        notices.add("Some kinds of candidates in this link are not known and were left out.")
    kinds = tuple(kind for word, kind in WORDS.items() if word in words) or plain.kinds
    return SiteRequest(place, cohort, int(sites), aim, kinds)
