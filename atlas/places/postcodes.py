"""Postcodes to wards, from the snapshot alone: no postcode ever leaves the machine."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from atlas.text.postcode_text import normalised, spaced

_WIDTH, _TEXT = 7, "S7"
GRID = 50  # metres: the snapshot keeps the grid square, not the address


@dataclass(frozen=True)
class PostcodeHit:
    """Where a postcode is. ``ward_code`` is "" and coordinates None where OS gives none.

    ``easting`` and ``northing`` are EPSG:27700 metres, the middle of a 50 m square.
    """

    postcode: str
    ward_code: str
    easting: float | None
    northing: float | None


class Postcodes:
    """The published postcodes, sorted, searched by bisection (some microseconds each)."""

    def __init__(self, table: pa.Table) -> None:
        self._postcode = table["postcode"].combine_chunks().cast(pa.string())
        # The same as text of one width, which many are searched in without holding up a thread.
        padded = pc.utf8_rpad(self._postcode, _WIDTH).cast(pa.binary(_WIDTH))
        self._sorted = np.frombuffer(padded.buffers()[1], _TEXT)
        self._ward = table["ward_code"].combine_chunks()
        self._east = table["east_50m"].combine_chunks()
        self._north = table["north_50m"].combine_chunks()

    @classmethod
    def load(cls, path: Path) -> "Postcodes":
        """Read ``postcodes.parquet``: ``postcode, ward_code, east_50m, north_50m``, sorted."""
        return cls(pq.read_table(path))

    def __len__(self) -> int:
        return len(self._postcode)

    def find(self, text: str) -> PostcodeHit | None:
        """Return where the postcode in ``text`` is, or None where the snapshot has no such one."""
        wanted = normalised(text)
        place = int(self._rows([wanted])[0]) if wanted else -1
        if wanted is None or place < 0:
            return None
        east, north = self._east[place].as_py(), self._north[place].as_py()
        return PostcodeHit(
            postcode=spaced(wanted),
            ward_code=self._ward[place].as_py() or "",
            easting=None if east is None else (east + 0.5) * GRID,
            northing=None if north is None else (north + 0.5) * GRID,
        )

    def wards_of(self, postcodes: Sequence[str]) -> list[str | None]:
        """Return the ward of each postcode (written without a space), None where it has none."""
        rows = self._rows(postcodes)
        wards: list[str | None] = self._ward.take(pa.array(rows, mask=rows < 0)).to_pylist()
        return wards

    def _rows(self, postcodes: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return the row of each postcode, -1 where there is no such one."""
        wanted = np.array([f"{postcode:{_WIDTH}}" for postcode in postcodes], _TEXT)
        rows = np.searchsorted(self._sorted, wanted)
        return np.where(np.take(self._sorted, rows, mode="clip") == wanted, rows, -1)

    def wards_of_district(self, district: str) -> list[str]:
        """Return the wards of a district such as "M13", that of most of its postcodes first."""
        wanted = district.upper()
        first, last = np.searchsorted(self._sorted, np.array([wanted, wanted + "~"], _TEXT))
        # "M13" begins M13 9PL and M1 3AA: the part behind the space has three signs.
        here = pc.equal(pc.utf8_length(self._postcode[first:last]), len(wanted) + 3)
        wards = Counter(self._ward[first:last].filter(here).to_pylist())
        return [code for code, _ in sorted(wards.items(), key=lambda w: (-w[1], w[0])) if code]

    def by_district(self, sector: bool = False) -> list[tuple[str, str, int]]:
        """Return how many postcodes of each district are in each ward: ("M15", code, number).

        ``sector`` asks for the parts of districts that the digit after the space tells: "M15 5".
        """
        area = pc.utf8_slice_codeunits(self._postcode, 0, -3)
        if sector:
            digit = pc.utf8_slice_codeunits(self._postcode, -3, -2)
            area = pc.binary_join_element_wise(area, digit, " ")
        table = pa.table({"area": area, "ward": self._ward.cast(pa.string())})
        counted = table.drop_null().group_by(["area", "ward"]).aggregate([([], "count_all")])
        columns = (counted[name].to_pylist() for name in ("area", "ward", "count_all"))
        return list(zip(*columns, strict=True))

    def nearest_in_ward(self, ward_code: str, easting: float, northing: float) -> str:
        """Return the ward's postcode nearest to a point (EPSG:27700 metres), or ""."""
        rows = self._rows_of.get(ward_code)
        if rows is None:
            return ""
        east, north = (
            (part.take(pa.array(rows)).to_numpy() + 0.5) * GRID
            for part in (self._east, self._north)
        )
        nearest = int(rows[np.argmin(np.hypot(east - easting, north - northing))])
        return spaced(self._postcode[nearest].as_py())

    @cached_property
    def _rows_of(self) -> dict[str, npt.NDArray[np.int64]]:
        """The row numbers of each ward's postcodes that have a grid reference, ascending."""
        with_place = np.flatnonzero(pc.and_(self._ward.is_valid(), self._east.is_valid()))
        wards = self._ward.take(pa.array(with_place)).dictionary_encode()
        groups = pd.Series(with_place).groupby(wards.indices.to_numpy()).indices
        return {wards.dictionary[number].as_py(): with_place[at] for number, at in groups.items()}
