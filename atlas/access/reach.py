"""Which of a small area's residents a set of venues reaches: shares, by postcode."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from atlas.access.homes import Homes
from atlas.arrays import Bools, Floats, Ints


@dataclass(frozen=True)
class Reach:
    """What is within reach of whom: pairs of ``home`` (row of ``homes``) and ``venue`` (position).

    Shares are of the residents of each of ``areas`` small areas, 0 to 1; NaN for an area without
    a home. There are ``venues`` venues in all.
    """

    homes: Homes = field(repr=False)
    areas: int
    venues: int
    home: Ints = field(repr=False)
    venue: Ints = field(repr=False)

    @cached_property
    def count(self) -> Ints:
        """How many venues are within reach of each home."""
        return np.bincount(self.home, minlength=len(self.homes))

    @cached_property
    def near(self) -> Floats:
        """The share of each area's residents within reach of a venue."""
        return self.share(self.count >= 1)

    @cached_property
    def twice(self) -> Floats:
        """The share of each area's residents within reach of two venues or more."""
        return self.share(self.count >= 2)

    @cached_property
    def _total(self) -> Floats:
        total = np.bincount(self.homes.area, self.homes.postcodes, minlength=self.areas)
        return np.where(total > 0, total, np.nan)

    def share(self, homes: Bools) -> Floats:
        """Return the share of each area's residents who live in the marked homes."""
        area, postcodes = self.homes.area[homes], self.homes.postcodes[homes]
        return np.bincount(area, postcodes, minlength=self.areas) / self._total

    def near_any(self, chosen: Bools) -> Floats:
        """Return the share of each area's residents within reach of one of the chosen venues."""
        marked = np.zeros(len(self.homes), dtype=bool)
        marked[self.home[chosen[self.venue]]] = True
        return self.share(marked)

    def people(self, values: Floats) -> Floats:
        """Return how many of each area's ``values`` live in each home; not known counts nobody."""
        each = np.nan_to_num(values / self._total)
        return each[self.homes.area] * self.homes.postcodes

    def by_venue(self, values: Floats, homes: Bools | None = None) -> Floats:
        """Return how many of ``values`` each venue reaches, of those in the marked homes."""
        kept = np.ones(len(self.home), dtype=bool) if homes is None else homes[self.home]
        people = self.people(values)[self.home[kept]]
        return np.bincount(self.venue[kept], people, minlength=self.venues).astype(float)

    def by_area(self, figures: Floats) -> Floats:
        """Return each area's sum of the venues' ``figures``, each by the share that it reaches."""
        area = self.homes.area[self.home]
        parts = self.homes.postcodes[self.home] * figures[self.venue]
        return np.bincount(area, parts, minlength=self.areas) / self._total
