"""Work that would be lost is asked about, and what a reader keeps survives a reload."""

import re

import pytest
from playwright.sync_api import Browser, Dialog, expect

from tests.browser.site import drawn, opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_reload_asks_first_and_what_is_kept_survives_it(browser: Browser, address: str) -> None:
    page = browser.new_page()
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    elsewhere: list[str] = []
    page.on("request", lambda r: None if r.url.startswith(address) else elsewhere.append(r.url))
    days = f"{address}briefing?tab=first_100_days&place=E06000052"
    opened(page, days)
    step = page.get_by_role("checkbox").first
    page.get_by_text("By day 14:").click()
    expect(step).to_be_checked()
    drawn(page)
    page.reload()
    drawn(page)
    assert asked == ["beforeunload"]
    expect(page.get_by_role("checkbox").first).not_to_be_checked()

    page.get_by_text("By day 14:").click()
    drawn(page)
    page.get_by_role("link", name="Save or open the log").click()
    expect(page).to_have_title(re.compile("Saved work"))
    drawn(page)
    page.get_by_text("Keep my scenario and decisions logs in this browser").click()
    drawn(page)
    page.reload()
    expect(page.get_by_text("Cornwall: 1 step done")).to_be_visible()
    assert asked == ["beforeunload"] and not [u for u in elsewhere if u.startswith("http")]

    opened(page, f"{address}your_data?place=E06000052")
    opened(page, days)
    expect(page.get_by_role("checkbox").first).to_be_checked()
    page.locator(".st-key-doors").get_by_text("Your data", exact=True).click()
    expect(page).to_have_title(re.compile("Your data"))
    drawn(page)
    page.get_by_role("button", name="Forget my data").click()
    drawn(page)
    assert page.evaluate("localStorage.getItem('atlas-kept-work')") is None
    page.close()
