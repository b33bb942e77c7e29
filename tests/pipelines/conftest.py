"""What tests of the pipelines share."""

import sys
from types import ModuleType

import pytest


@pytest.fixture(autouse=True)
def plain_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's AppTest leaves its page as the main module, which a new process would run."""
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
