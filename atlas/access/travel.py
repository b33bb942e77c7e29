"""How far it is from where people live to a place: straight lines, or an operator's walking times.

A walking-time file is a table of ``lsoa_code``, ``venue_id`` and ``minutes`` (CSV or Parquet),
made with any router. ``docs/walking_times.md`` says how to make and name it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.spatial import cKDTree

from atlas.access.distance import Residents, Venue, nearest, points_of
from atlas.access.homes import pairs_within
from atlas.access.reach import Reach
from atlas.arrays import Bools, Floats, Ints
from atlas.catalogue.near import MILE

SETTING = "ATLAS_WALKING"
MINUTES = 20.0
MOST_MINUTES = 24 * 60.0
MOST_ROWS = 50_000_000
COLUMNS = ("lsoa_code", "venue_id", "minutes")
_DOCS = "See docs/walking_times.md."


class WalkingFileError(ValueError):
    """A walking-time file cannot be used; the message says why and where."""


@dataclass(frozen=True)
class Walking:
    """Walking times: entry ``n`` is ``minutes[n]`` from LSOA ``lsoa_codes[lsoa[n]]`` to place
    ``venue_ids[venue[n]]``. A pair that is not there is too far to have been worked out.
    ``name`` is the file's.
    """

    name: str
    lsoa_codes: npt.NDArray[np.object_]
    venue_ids: npt.NDArray[np.object_]
    lsoa: Ints
    venue: Ints
    minutes: Floats

    def numbers_of(self, venues: Sequence[Venue]) -> Ints:
        """Return the number of each venue among the file's places, -1 for one it has not."""
        wanted = pd.Index([venue.venue_id for venue in venues], dtype=object)
        return pd.Index(self.venue_ids).get_indexer(wanted).astype(np.int64)


@dataclass(frozen=True)
class Travel:
    """The rule by which a place is within reach: ``limit`` metres, or minutes on foot.

    Without ``walking`` distances are straight lines in metres. With it they are minutes: those
    of the file for the places that it names; for any other place (a venue just put on the map)
    the straight line, a mile as twenty minutes. Two rules are equal where limit, ``source`` (the
    file's name) and ``stamp`` (which edition of the file) are.
    """

    limit: float = MILE
    walking: Walking | None = field(default=None, compare=False)
    source: str = ""
    stamp: str = ""

    @property
    def on_foot(self) -> bool:
        """Whether distances are walking times."""
        return self.walking is not None

    @property
    def within(self) -> str:
        """What is within reach, as it stands in a sentence: 'within a mile'."""
        if self.on_foot:
            return f"within {self.limit:g} minutes’ walk"
        return "within a mile" if self.limit == MILE else f"within {self.limit:,.0f} metres"

    @property
    def beyond(self) -> str:
        """The opposite of :attr:`within`: 'more than a mile'."""
        return self.within.replace("within", "more than", 1)

    @property
    def measured(self) -> str:
        """How distances are measured, as a page says it below a sentence."""
        return f"Walking times of {self.source}" if self.on_foot else "Straight lines"

    @property
    def unit(self) -> str:
        """What distances are in: 'metres' or 'minutes'."""
        return "minutes" if self.on_foot else "metres"

    def pairs(
        self, residents: Residents, venues: Sequence[Venue], limits: Floats
    ) -> tuple[Ints, Ints, Floats]:
        """Return who is near what: rows of ``residents``, positions in ``venues``, distances.

        ``limits`` has the greatest distance that counts for each LSOA, in metres or minutes
        (:attr:`unit`). Each pair comes once, in order of row and venue.
        """
        walking, places = self.walking, points_of(venues)
        if walking is None:
            return pairs_within(residents.points, cKDTree(places), limits)
        named = walking.numbers_of(venues)
        others = np.flatnonzero(named < 0)
        per_metre = MINUTES / MILE
        row, other, metres = pairs_within(
            residents.points, cKDTree(places[others]), limits / per_metre
        )
        walked = _walked(walking, residents, named, limits)
        row = np.concatenate([walked[0], row])
        venue = np.concatenate([walked[1], others[other]])
        minutes = np.concatenate([walked[2], metres * per_metre])
        order = np.lexsort((venue, row))
        return row[order], venue[order], minutes[order]

    def reach(
        self, residents: Residents, venues: Sequence[Venue], only: Bools | None = None
    ) -> Reach:
        """Return whom the venues reach: homes (marked ``only``), or on foot whole small areas."""
        if self.on_foot:
            homes = residents.centres
            home_of = np.argsort(homes.area)
            looked_at = True if only is None else only[home_of]
            limits = np.where(looked_at, self.limit, -1.0) * np.ones(len(residents))
            area, venue, _ = self.pairs(residents, venues, limits)
            home = home_of[area]
        else:
            homes = residents.postcodes or residents.centres
            home, venue = homes.within(points_of(venues), self.limit, only)
        return Reach(homes, len(residents), len(venues), home, venue)

    def nearest(self, residents: Residents, venues: Sequence[Venue], k: int = 1) -> Floats:
        """Return the distances of :meth:`nearest_places`, metres or minutes, (n, k)."""
        return self.nearest_places(residents, venues, k)[0]

    def nearest_places(
        self, residents: Residents, venues: Sequence[Venue], k: int = 1
    ) -> tuple[Floats, Ints]:
        """Return the ``k`` nearest venues of each LSOA: distances and positions in ``venues``.

        Two arrays of shape (n, k), nearest first; infinite and -1 where there are fewer venues,
        or no walk to one is known.
        """
        walking = self.walking
        if walking is None:
            return nearest(residents, venues, k)
        named = walking.numbers_of(venues)
        others = np.flatnonzero(named < 0)
        metres, at = nearest(residents, [venues[int(n)] for n in others], k)
        near, nth = np.nonzero(at >= 0)
        straight = near, others[at[near, nth]], metres[near, nth] * MINUTES / MILE
        walked = _walked(walking, residents, named, np.full(len(residents), np.inf))
        row, venue, minutes = map(np.concatenate, zip(straight, walked, strict=True))
        # Of equally near ones those by straight line come first, in the order of their metres.
        order = np.lexsort((np.concatenate([nth - k, walked[1]]), minutes, row))
        row, venue, minutes = row[order], venue[order], minutes[order]
        rank = np.arange(row.size) - np.searchsorted(row, row)
        first = rank < k
        away = np.full((len(residents), k), np.inf)
        place = np.full((len(residents), k), -1, dtype=np.int64)
        away[row[first], rank[first]] = minutes[first]
        place[row[first], rank[first]] = venue[first]
        return away, place


STRAIGHT = Travel()


def travel_by(path: Path | None, lsoa_codes: Sequence[str], minutes: float = MINUTES) -> Travel:
    """Return the rule of a walking-time file (see :func:`read_walking`), or the straight mile."""
    if path is None:
        return STRAIGHT
    walking = read_walking(path, lsoa_codes)
    return Travel(minutes, walking, walking.name)


def read_walking(path: Path, lsoa_codes: Sequence[str]) -> Walking:
    """Read a walking-time file. ``lsoa_codes`` are those of the snapshot.

    Raises :class:`WalkingFileError` for a file that cannot be read, a column that is missing, a
    code that is no LSOA of the snapshot, a time that is no number from 0 to 1,440, a blank
    identifier or a pair that comes twice. The message names the line.
    """
    table = _table(path)
    codes = pd.Index(lsoa_codes)
    lsoa = codes.get_indexer(pd.Index(table["lsoa_code"]))
    minutes = pd.to_numeric(table["minutes"], errors="coerce").to_numpy(dtype=float)
    venue = table["venue_id"].astype("string").str.strip().fillna("")
    _refuse(path, table, lsoa < 0, "lsoa_code", "is not a small area (LSOA, 2021) of England")
    wrong = ~((minutes >= 0) & (minutes <= MOST_MINUTES))
    _refuse(path, table, wrong, "minutes", f"must be a number from 0 to {MOST_MINUTES:,.0f}")
    _refuse(path, table, (venue == "").to_numpy(), "venue_id", "is blank")
    number, ids = pd.factorize(venue)
    pair = pd.Series(lsoa.astype(np.int64) * max(len(ids), 1) + number)
    _refuse(path, table, pair.duplicated().to_numpy(), "venue_id", "comes twice for this LSOA")
    return Walking(
        path.name,
        codes.to_numpy(dtype=object),
        np.asarray(ids, dtype=object),
        lsoa.astype(np.int64),
        number.astype(np.int64),
        minutes,
    )


def _table(path: Path) -> pd.DataFrame:
    try:
        if path.suffix.lower() == ".parquet":
            table = pq.read_table(path).to_pandas()
        elif path.suffix.lower() == ".csv":
            table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        else:
            raise WalkingFileError(f"{path.name} must end in .csv or .parquet. {_DOCS}")
    except OSError as error:
        raise WalkingFileError(f"the walking-time file {path} cannot be read. {_DOCS}") from error
    except (pa.ArrowException, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise WalkingFileError(
            f"{path.name} is not a whole CSV or Parquet file. {_DOCS}"
        ) from error
    except UnicodeDecodeError as error:
        raise WalkingFileError(f"{path.name} is not UTF-8 text. Save it as UTF-8.") from error
    if missing := [name for name in COLUMNS if name not in table.columns]:
        raise WalkingFileError(f"{path.name} has no column {', '.join(missing)}. {_DOCS}")
    if not 0 < len(table) <= MOST_ROWS:
        raise WalkingFileError(f"{path.name} must have from 1 to {MOST_ROWS:,} rows.")
    return table


def _refuse(
    path: Path, table: pd.DataFrame, wrong: npt.NDArray[np.bool_], column: str, why: str
) -> None:
    if wrong.any():
        row = int(wrong.argmax())
        said = str(table[column].iloc[row])[:40]
        more = f" ({int(wrong.sum()):,} such rows)" if wrong.sum() > 1 else ""
        # Line 1 is the heading.
        raise WalkingFileError(f"{path.name}, line {row + 2}: {column} ‘{said}’ {why}{more}.")


def _walked(
    walking: Walking, residents: Residents, named: Ints, limits: Floats
) -> tuple[Ints, Ints, Floats]:
    """The file's pairs, as rows of ``residents`` and positions in the venues asked about.

    ``named`` has the file's number of each venue, -1 for one that it does not name. Two venues
    may share a number: a building can hold two.
    """
    rows = pd.Index(residents.codes).get_indexer(pd.Index(walking.lsoa_codes))
    row = rows[walking.lsoa]
    known = np.flatnonzero(named >= 0)
    order = known[np.argsort(named[known], kind="stable")]
    low = np.searchsorted(named[order], walking.venue, side="left")
    times = np.searchsorted(named[order], walking.venue, side="right") - low
    times = np.where((row >= 0) & (walking.minutes <= limits[np.maximum(row, 0)]), times, 0)
    entry = np.repeat(np.arange(row.size), times)
    offset = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    return row[entry].astype(np.int64), order[low[entry] + offset], walking.minutes[entry]
