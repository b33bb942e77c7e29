"""The map's colours: one hue from light to dark, dark = more need."""

# Five steps of one blue, each at least 1.8 : 1 against the next (tests/test_map_palette.py).
SEQUENTIAL = ("#E9F6FF", "#84BBE7", "#3788C8", "#0B5A9B", "#073159")
# Ground and hatching of "no data".
NO_DATA = ("#F0F0EE", "#8A8F94")


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2) of a colour written ``#RRGGBB``."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2) of two colours, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)
