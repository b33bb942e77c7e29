"""ONS's Open Geography Portal: whole layers through ArcGIS REST, without losing rows in silence.

The server caps a page without saying so, answers errors with status 200, may repeat or skip rows
where no order is asked for, and calls one service by several names. So: ask for the count first,
order by the object id, go on by what arrived, and compare the total at the end.
"""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from atlas.catalogue.sources import Source

_EMPTY_PAGES = 2  # how often in a row a page may come empty before that is believed

ONS = "https://services1.arcgis.com/ESMARspQHYMw9BZ9/arcgis/rest/services"

Ask = Callable[[str], dict[str, Any]]


class ServiceError(Exception):
    """No service gave the layer whole; the message says what each answered."""


def download(
    source: Source,
    to: Path,
    ask: Ask,
    base: str,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> str:
    """Write the first of the source's services that answers as CSV or GeoJSON into ``to``.

    ``ask`` gets a URL and returns its JSON. Points come as columns ``x, y`` in EPSG:27700,
    outlines as GeoJSON in EPSG:4326. Returns the address of the layer used. Raises
    :class:`ServiceError`.
    """
    problems = []
    for service in source.arcgis:
        try:
            layer = _layer(f"{base}/{quote(service, safe='()')}/FeatureServer", ask)
            features, names = _features(source, layer, ask, progress)
            _write(source, features, names, to)
            return layer
        except ServiceError as error:
            problems.append(f"{service}: {error}")
    raise ServiceError("; ".join(problems) + ".")


def _sound(answer: dict[str, Any]) -> dict[str, Any]:
    if "error" in answer:
        error = answer["error"]
        message = error.get("message", "") if isinstance(error, dict) else str(error)
        raise ServiceError(f"the service answered with an error ({str(message)[:200]})")
    return answer


def _layer(service: str, ask: Ask) -> str:
    answer = _sound(ask(f"{service}?f=json"))
    layers = [*(answer.get("layers") or []), *(answer.get("tables") or [])]
    if not layers:
        raise ServiceError("the service has no layer")
    # Usually 0, but not always.
    return f"{service}/{layers[0]['id']}"


def _features(
    source: Source, layer: str, ask: Ask, progress: Callable[[int, int | None], None]
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return every feature of the layer, by object id, and our column names for its fields."""
    about = _sound(ask(f"{layer}?f=json"))
    identity = _object_id(about)
    names = _fields(source, about)
    total = _count(source, layer, ask)
    size = min(int(about.get("maxRecordCount") or 1000), 2000)
    fields = list(dict.fromkeys([*names.values(), identity]))
    found: dict[Any, dict[str, Any]] = {}
    offset = empty = 0
    more = True
    while more and offset <= total:
        page, cut = _page(source, layer, ask, fields, identity, offset, size)
        found |= {_identity(feature, identity): feature for feature in page}
        offset += len(page)
        empty = 0 if page else empty + 1
        progress(offset, total)
        # A page that says it was cut short is believed even at the count: rows may have come in.
        more = empty <= _EMPTY_PAGES and (offset < total or (cut and bool(page)))
    if len(found) != total or offset != total:
        raise ServiceError(
            f"the service has {total:,} rows and gave {len(found):,} different ones of {offset:,}"
        )
    return [found[key] for key in sorted(found)], names


def _count(source: Source, layer: str, ask: Ask) -> int:
    answer = _sound(ask(_query(layer, where=source.where, returnCountOnly="true", f="json")))
    count = answer.get("count")
    if not isinstance(count, int) or count < 1:
        raise ServiceError(f"the layer has {count!r} rows")
    return count


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


def _page(
    source: Source,
    layer: str,
    ask: Ask,
    fields: list[str],
    order: str,
    offset: int,
    size: int,
) -> tuple[list[dict[str, Any]], bool]:
    """Return a page and whether it says that rows were cut off."""
    if source.format == "geojson":
        shape = {"f": "geojson", "outSR": "4326", "geometryPrecision": "6"}
    elif _is_points(source):
        shape = {"f": "json", "outSR": "27700"}
    else:
        shape = {"f": "json", "returnGeometry": "false"}
    answer = _sound(
        ask(
            _query(
                layer,
                where=source.where,
                outFields=",".join(fields),
                orderByFields=order,
                resultOffset=str(offset),
                resultRecordCount=str(size),
                **shape,
            )
        )
    )
    features = answer.get("features")
    if not isinstance(features, list):
        raise ServiceError("the service sent a page without features")
    # At the top of plain JSON; among the properties of GeoJSON.
    nested = answer.get("properties") or {}
    return features, bool(
        answer.get("exceededTransferLimit") or nested.get("exceededTransferLimit")
    )


def _query(layer: str, **parameters: str) -> str:
    return f"{layer}/query?{urlencode(parameters)}"


def _write(source: Source, features: list[dict[str, Any]], names: dict[str, str], to: Path) -> None:
    if source.format == "geojson":
        _write_geojson(features, names, to)
    else:
        _write_csv(source, features, names, to)


def _write_geojson(features: list[dict[str, Any]], names: dict[str, str], to: Path) -> None:
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
    """Write the declared columns, sorted; rows alike in all of them are written once.

    A lookup is sometimes only to be had inside a finer one, where each pair stands many times.
    """
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
