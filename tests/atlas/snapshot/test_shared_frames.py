"""All visitors share one snapshot: no page may change a figure of it."""

import hashlib

import pandas as pd
import pytest

from tests.sampling import sampled
from tests.views.test_pages import HULME, MANCHESTER, PAGES, opened
from views.session.snapshot import atlas


def digests() -> dict[str, str]:
    """Return a hash of each shared frame: columns, types, index and every value."""
    snapshot = atlas().snapshot
    frames = {"wards": snapshot.wards, "lsoas": snapshot.lsoas, "libraries": snapshot.libraries}
    return {name: digest(frame) for name, frame in frames.items()}


def digest(frame: pd.DataFrame) -> str:
    said = hashlib.sha256(repr(list(frame.dtypes.astype(str).items())).encode())
    said.update(pd.util.hash_pandas_object(frame, index=True).to_numpy().tobytes())
    return said.hexdigest()


def test_a_changed_value_column_or_order_changes_the_hash() -> None:
    frame = pd.DataFrame({"ward_code": ["E05000001", "E05000002"], "rate": [0.1, None]})
    changed = [
        frame.assign(rate=[0.1, 0.0]),
        frame.assign(more=1),
        frame.iloc[::-1],
        frame.rename(columns={"rate": "share"}),
        frame.astype({"rate": "float32"}),
    ]
    assert digest(frame) == digest(frame.copy())
    assert len({digest(each) for each in [frame, *changed]}) == 6


@pytest.mark.parametrize("page", sampled(PAGES, 9))
def test_no_page_changes_what_all_visitors_share(page: str) -> None:
    shared, before = atlas(), digests()
    for params in ({}, {"place": MANCHESTER, "measure": "library_distance_km"}, {"ward": HULME}):
        assert not opened(page, **params).exception
    assert atlas() is shared
    assert digests() == before
