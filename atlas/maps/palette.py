"""The map's colours: one hue from light to dark, dark = more need."""

# Five steps of one blue, each at least 1.8 : 1 against the next (tests/atlas/maps/test_palette.py).
SEQUENTIAL = ("#E9F6FF", "#84BBE7", "#3788C8", "#0B5A9B", "#073159")
# The nine cells of risk × support, cell 0 to 8: dark is high risk, orange little support, grey
# some, blue most. Any two are at least 12 apart (CIEDE2000), also with simulated colour blindness.
GRID = (
    *("#BFE3FA", "#EFEFEC", "#FFDDB0"),
    *("#4E9CDA", "#A0A0A0", "#F08A24"),
    *("#083F78", "#55565A", "#8F3300"),
)
# The five kinds of need: money and skills, age and health, both, connection alone, none.
NEEDS = ("#0072B2", "#E69F00", "#4B1D6B", "#1FA187", "#ECECE8")
# Ground and hatching of "no data".
NO_DATA = ("#F0F0EE", "#8A8F94")


def colours(count: int) -> tuple[str, ...]:
    """Colours for 1 to 5 classes, light to dark; a few classes keep the widest steps apart."""
    if count == 1:
        return (SEQUENTIAL[2],)
    last = len(SEQUENTIAL) - 1
    return tuple(SEQUENTIAL[round(at * last / (count - 1))] for at in range(count))
