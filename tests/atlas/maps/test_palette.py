"""The palette can be told apart, also with simulated colour blindness."""

from itertools import pairwise

import numpy as np
import pytest

from atlas.maps.palette import GRID, SEQUENTIAL, colours

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def lab(colour, kind):
    channels = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.asarray(BLINDNESS[kind]) @ linear, 0, 1)
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    ratio = to_xyz @ seen / np.array([0.95047, 1.0, 1.08883])
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(one, other):
    (l1, a1, b1), (l2, a2, b2) = one, other
    chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(chroma**7 / (chroma**7 + 25**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    turn = (h2 - h1 + 180) % 360 - 180
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    mean_l, mean_c, mean_h = (l1 + l2) / 2, (c1 + c2) / 2, (h1 + turn / 2) % 360
    t = (
        1
        - 0.17 * np.cos(np.radians(mean_h - 30))
        + 0.24 * np.cos(np.radians(2 * mean_h))
        + 0.32 * np.cos(np.radians(3 * mean_h + 6))
        - 0.20 * np.cos(np.radians(4 * mean_h - 63))
    )
    sl = 1 + 0.015 * (mean_l - 50) ** 2 / np.sqrt(20 + (mean_l - 50) ** 2)
    sc, sh = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    rotate = -2 * np.sqrt(mean_c**7 / (mean_c**7 + 25**7))
    rotate *= np.sin(np.radians(60 * np.exp(-(((mean_h - 275) / 25) ** 2))))
    dl, dc, dh = (l2 - l1) / sl, (c2 - c1) / sc, dh / sh
    return np.sqrt(dl**2 + dc**2 + dh**2 + rotate * dc * dh)


def test_the_distance_formula_agrees_with_a_published_pair():
    # Sharma, Wu and Dalal (2005), first pair of their table.
    assert ciede2000((50, 2.6772, -79.7751), (50, 0, -82.7485)) == pytest.approx(2.0425, abs=1e-4)


@pytest.mark.parametrize(("lighter", "darker"), list(pairwise(SEQUENTIAL)))
def test_neighbours_keep_their_contrast(lighter, darker):
    assert luminance(lighter) > luminance(darker)
    assert contrast(lighter, darker) >= 1.8


@pytest.mark.parametrize("kind", sorted(BLINDNESS))
def test_no_two_classes_look_alike(kind):
    seen = [lab(colour, kind) for colour in SEQUENTIAL]
    apart = [ciede2000(a, b) for n, a in enumerate(seen) for b in seen[n + 1 :]]
    assert min(apart) >= 12


@pytest.mark.parametrize("kind", sorted(BLINDNESS))
def test_no_two_cells_of_the_grid_look_alike(kind):
    seen = [lab(colour, kind) for colour in GRID]
    apart = [ciede2000(a, b) for n, a in enumerate(seen) for b in seen[n + 1 :]]
    assert min(apart) >= 12


@pytest.mark.parametrize("support", range(3))
def test_each_third_of_risk_is_darker_than_the_last(support):
    shades = GRID[support::3]
    assert all(contrast(*pair) >= 1.8 for pair in pairwise(shades))
    assert [luminance(s) for s in shades] == sorted(map(luminance, shades), reverse=True)


@pytest.mark.parametrize("count", range(1, 6))
def test_any_number_of_classes_runs_from_light_to_dark(count):
    shades = [luminance(colour) for colour in colours(count)]
    assert len(shades) == count
    assert shades == sorted(shades, reverse=True)
