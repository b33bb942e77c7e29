"""ONS's Open Geography Portal: whole layers through ArcGIS REST, without losing rows in silence.

The server caps a page without saying so, answers errors with status 200, may repeat or skip rows
where no order is asked for, and calls one service by several names. So: ask for the count first,
order by the object id, go on by what arrived, and compare the total at the end.
"""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from atlas.catalogue.sources import Source

_EMPTY_PAGES = 2  # how often in a row a page may come empty before that is believed

ONS = "https://services1.arcgis.com/ESMARspQHYMw9BZ9/arcgis/rest/services"

Ask = Callable[[str], dict[str, Any]]
Progress = Callable[[int, int | None], None]


class ServiceError(Exception):
    """No service gave the layer whole; the message says what each answered."""


def download(source: Source, to: Path, ask: Ask, base: str, progress: Progress) -> str:
    """Write the first of the source's services that answers as CSV or GeoJSON into ``to``.

    ``ask`` gets a URL and returns its JSON. Points come as columns ``x, y`` in EPSG:27700,
    outlines as GeoJSON in EPSG:4326. Returns the address of the layer used. Raises
    :class:`ServiceError`.
    """
    write = _write_geojson if source.format == "geojson" else _write_csv
    problems = []
    for service in source.arcgis:
        try:
            address = f"{base}/{quote(service, safe='()')}/FeatureServer"
            layer = _Layer(source, _first_layer(address, ask), ask)
            features, names = layer.features(progress)
            write(source, features, names, to)
            return layer.address
        except ServiceError as error:
            problems.append(f"{service}: {error}")
    raise ServiceError("; ".join(problems) + ".")


def _sound(answer: dict[str, Any]) -> dict[str, Any]:
    if "error" in answer:
        error = answer["error"]
        message = error.get("message", "") if isinstance(error, dict) else str(error)
        raise ServiceError(f"the service answered with an error ({str(message)[:200]})")
    return answer


def _first_layer(service: str, ask: Ask) -> str:
    answer = _sound(ask(f"{service}?f=json"))
    layers = [*(answer.get("layers") or []), *(answer.get("tables") or [])]
    if not layers:
        raise ServiceError("the service has no layer")
    # Usually 0, but not always.
    return f"{service}/{layers[0]['id']}"


@dataclass(frozen=True)
class _Layer:
    """One layer of a service, asked for what a source declares."""

    source: Source
    address: str
    ask: Ask

    def features(self, progress: Progress) -> tuple[list[dict[str, Any]], dict[str, str]]:
        """Return every feature, by object id, and our column names for the layer's fields."""
        about = _sound(self.ask(f"{self.address}?f=json"))
        identity = _object_id(about)
        names = _fields(self.source, about)
        total = self._count()
        size = min(int(about.get("maxRecordCount") or 1000), 2000)
        asked = {
            "outFields": ",".join(dict.fromkeys([*names.values(), identity])),
            "orderByFields": identity,
            "resultRecordCount": str(size),
            **_form(self.source),
        }
        found: dict[Any, dict[str, Any]] = {}
        offset = empty = 0
        more = True
        while more and offset <= total:
            page, cut = self._page(resultOffset=str(offset), **asked)
            found |= {_identity(feature, identity): feature for feature in page}
            offset += len(page)
            empty = 0 if page else empty + 1
            progress(offset, total)
            # A page that says it was cut is believed even at the count: rows may have come in.
            more = empty <= _EMPTY_PAGES and (offset < total or (cut and bool(page)))
        if len(found) != total or offset != total:
            raise ServiceError(
                f"the service has {total:,} rows and gave {len(found):,} different ones of "
                f"{offset:,}"
            )
        return [found[key] for key in sorted(found)], names

    def _query(self, **parameters: str) -> dict[str, Any]:
        given = urlencode({"where": self.source.where, **parameters})
        return _sound(self.ask(f"{self.address}/query?{given}"))

    def _count(self) -> int:
        count = self._query(returnCountOnly="true", f="json").get("count")
        if not isinstance(count, int) or count < 1:
            raise ServiceError(f"the layer has {count!r} rows")
        return count

    def _page(self, **parameters: str) -> tuple[list[dict[str, Any]], bool]:
        """Return a page and whether it says that rows were cut off."""
        answer = self._query(**parameters)
        features = answer.get("features")
        if not isinstance(features, list):
            raise ServiceError("the service sent a page without features")
        # At the top of plain JSON; among the properties of GeoJSON.
        said = (answer, answer.get("properties") or {})
        return features, any(part.get("exceededTransferLimit") for part in said)


def _values(feature: dict[str, Any]) -> dict[str, Any]:
    return feature.get("attributes") or feature.get("properties") or {}


def _identity(feature: dict[str, Any], name: str) -> Any:
    found = _values(feature).get(name, feature.get("id"))
    if found is None:
        raise ServiceError("the service sent a row without its object id")
    return found


def _object_id(about: dict[str, Any]) -> str:
    fields = about.get("fields") or []
    named = [f["name"] for f in fields if f.get("type") == "esriFieldTypeOID"]
    name = about.get("objectIdField") or (named[0] if named else "")
    if not name:
        raise ServiceError("the layer has no object id to order by")
    return str(name)


def _fields(source: Source, about: dict[str, Any]) -> dict[str, str]:
    """Match our declared columns to the layer's fields, whatever their case."""
    have = {f["name"].casefold(): f["name"] for f in about.get("fields") or []}
    # A layer of points may also give its coordinates as fields; the geometry's system is ours.
    wanted = [name for name in source.columns if not (_is_points(source) and name in ("x", "y"))]
    missing = [name for name in wanted if name.casefold() not in have]
    if missing:
        raise ServiceError(f"the layer has no field {', '.join(missing)}")
    return {name: have[name.casefold()] for name in wanted}


def _is_points(source: Source) -> bool:
    return {"x", "y"} <= set(source.columns)


def _form(source: Source) -> dict[str, str]:
    """Return what a query says of the form in which it wants outlines, points or no place."""
    if source.format == "geojson":
        return {"f": "geojson", "outSR": "4326", "geometryPrecision": "6"}
    place = {"outSR": "27700"} if _is_points(source) else {"returnGeometry": "false"}
    return {"f": "json", **place}


def _write_geojson(
    _source: Source, features: list[dict[str, Any]], names: dict[str, str], to: Path
) -> None:
    lines = []
    for feature in features:
        properties = {ours: _values(feature).get(theirs) for ours, theirs in names.items()}
        whole = {"type": "Feature", "properties": properties, "geometry": feature.get("geometry")}
        code = str(next(iter(properties.values())))
        lines.append((code, json.dumps(whole, ensure_ascii=False)))
    body = ",\n".join(line for _, line in sorted(lines))
    text = '{"type":"FeatureCollection","features":[\n' + body + "\n]}\n"
    to.write_text(text, encoding="utf-8")


def _write_csv(
    source: Source, features: list[dict[str, Any]], names: dict[str, str], to: Path
) -> None:
    """Write the declared columns, sorted, each row once: a finer lookup repeats its pairs."""
    rows = {
        tuple(_cell(feature, names.get(name), name) for name in source.columns)
        for feature in features
    }
    with to.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(source.columns)
        writer.writerows(sorted(rows))


def _cell(feature: dict[str, Any], field: str | None, name: str) -> str:
    """One cell; a column that is no field of the layer is a coordinate, in metres to the mm."""
    if field is not None:
        value = _values(feature).get(field)
        return "" if value is None else str(value).strip()
    number = (feature.get("geometry") or {}).get(name)
    return str(round(number, 3)) if isinstance(number, int | float) else ""
