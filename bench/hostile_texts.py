"""The hostile texts of the tests, alone and inside a name, as text from a file would arrive."""

from tests.hostile_text import HOSTILE

_ALONE = [text.encode("utf-8", "replace").decode() for text in HOSTILE if len(text) < 1000]
TEXTS = [*_ALONE, *(f"Castle {text} & Bishop's" for text in _ALONE)]
