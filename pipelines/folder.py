"""Where the publishers' files lie."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd

from atlas.catalogue.vintages import Vintage
from pipelines.readers import geography


@dataclass(frozen=True)
class Folder:
    """A folder of published files, laid out as the declarations of an edition of wards say."""

    path: Path
    vintage: Vintage

    def file(self, key: str) -> Path:
        """Return where the source ``key`` lies, or would lie."""
        return self.path / self.vintage.sources[key].file

    def has(self, key: str) -> bool:
        """Say whether the source ``key`` is declared and there."""
        return key in self.vintage.sources and self.file(key).is_file()

    def outlines(self, key: str, prefix: str) -> gpd.GeoDataFrame:
        """Read the boundaries of source ``key``: its first two columns are code and name."""
        code, name = self.vintage.sources[key].columns[:2]
        return geography.read_boundaries(self.file(key), code, name, prefix)
