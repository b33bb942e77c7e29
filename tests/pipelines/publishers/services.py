"""An ArcGIS feature service as ONS runs them, with the ways it loses rows."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.pipelines.publishers.web import Behaviour, Request, Server, body

ROOT = "/arcgis/rest/services"
SQUARE = [[[-2.0, 53.0], [-2.0, 53.1], [-1.9, 53.1], [-2.0, 53.0]]]


@dataclass
class Service:
    """A layer of ``rows`` that gives at most ``page`` at once.

    ``lie`` is added to the count; ``skip`` rows are left out and ``repeat`` rows come twice at
    each page's seam; ``empty`` first pages are empty, ``overloaded`` first answers are errors;
    ``error`` is the answer to every query; ``unsaid`` leaves out that a page was cut. ``shapes``
    are the rows' outlines (GeoJSON geometries) and ``places`` their points, where they matter.
    """

    rows: list[dict[str, Any]]
    page: int = 4
    number: int = 0
    table: bool = True
    point: bool = False
    lie: int = 0
    skip: int = 0
    repeat: int = 0
    empty: int = 0
    overloaded: int = 0
    unsaid: bool = False
    no_id: bool = False
    always_cut: bool = False
    error: dict[str, Any] | None = None
    shapes: list[dict[str, Any]] | None = None
    places: list[tuple[float, float]] | None = None
    queries: list[dict[str, str]] = field(default_factory=list)

    def mount(self, server: Server, name: str) -> None:
        base = f"{ROOT}/{name}/FeatureServer"
        kind = "tables" if self.table else "layers"
        server.routes[base] = _json({kind: [{"id": self.number}]})
        server.routes[f"{base}/{self.number}"] = _json(self._about())
        server.routes[f"{base}/{self.number}/query"] = self._query

    def _about(self) -> dict[str, Any]:
        names = [{"name": name, "type": "esriFieldTypeString"} for name in self.rows[0]]
        return {
            "fields": [{"name": "FID", "type": "esriFieldTypeOID"}, *names],
            "maxRecordCount": self.page,
            "geometryType": "esriGeometryPoint" if self.point else None,
        }

    def _query(self, request: Request) -> None:
        asked = request.parameters
        self.queries.append(asked)
        if self.error is not None:
            answer: dict[str, Any] = {"error": self.error}
        elif self.overloaded:
            self.overloaded -= 1
            answer = {"error": {"code": 503, "message": "busy"}}
        elif "returnCountOnly" in asked:
            answer = {"count": len(self.rows) + self.lie}
        else:
            answer = self._features(asked)
        _json(answer)(request)

    def _features(self, asked: dict[str, str]) -> dict[str, Any]:
        start = int(asked["resultOffset"])
        if self.empty:
            self.empty -= 1
            return {"features": [], "exceededTransferLimit": True}
        first = max(start - (self.repeat if start else 0), 0) + (self.skip if start else 0)
        numbered = list(enumerate(self.rows, start=1))[first : first + self.page]
        cut = self.always_cut or (first + self.page < len(self.rows) and not self.unsaid)
        geojson = asked["f"] == "geojson"
        features = [self._feature(number, row, geojson) for number, row in numbered]
        if geojson:
            flag = {"properties": {"exceededTransferLimit": True}} if cut else {}
            return {"type": "FeatureCollection", "features": features, **flag}
        return {"features": features, **({"exceededTransferLimit": True} if cut else {})}

    def _feature(self, number: int, row: dict[str, Any], geojson: bool) -> dict[str, Any]:
        values = row if self.no_id else {"FID": number, **row}
        if geojson:
            shape = {"type": "Polygon", "coordinates": SQUARE}
            if self.shapes:
                shape = self.shapes[number - 1]
            return {"type": "Feature", "properties": values, "geometry": shape}
        x, y = self.places[number - 1] if self.places else (400000.04 + number, 300000.0)
        place = {"geometry": {"x": x, "y": y}} if self.point else {}
        return {"attributes": values, **place}


def _json(answer: dict[str, Any]) -> Behaviour:
    return body(json.dumps(answer).encode(), Content_Type="application/json")
