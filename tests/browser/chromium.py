"""Drives a Chromium that goes nowhere by itself, and waits in the map's frame."""

from playwright.sync_api import Browser, BrowserContext, Frame, Page, Playwright, Route

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No name but this machine's own leads anywhere.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


def launched(play: Playwright, chromium: str) -> Browser:
    """Start the Chromium at a path."""
    return play.chromium.launch(executable_path=chromium, args=ARGUMENTS)


def context_of(
    browser: Browser, address: str, strays: list[str], **settings: object
) -> BrowserContext:
    """A fresh visitor; any request that leaves ``address`` is stopped and noted in ``strays``."""
    context = browser.new_context(**settings)  # type: ignore[arg-type]

    def check(route: Route) -> None:
        if route.request.url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            strays.append(route.request.url)
            route.abort()

    context.route("**/*", check)
    return context


def map_frame(page: Page) -> Frame:
    """The map's frame, once its wards are drawn."""
    for _ in range(400):
        page.wait_for_timeout(50)
        for frame in page.frames:
            # Asked from outside: the map's frame may refuse scripts made of text.
            if "st_folium" in frame.url and frame.evaluate("window.wardsReady === true"):
                return frame
    raise AssertionError("no map appeared within twenty seconds")


def shown_soon(page: Page, frame: Frame, condition: str) -> None:
    """Wait until a JavaScript condition holds in the map's frame."""
    for _ in range(200):
        if frame.evaluate(condition):
            return
        page.wait_for_timeout(25)
    raise AssertionError(f"never became true: {condition}")
