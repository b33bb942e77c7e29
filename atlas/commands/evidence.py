"""``atlas evidence``: how well the score agrees with what was observed in 2021, as a file."""

from atlas.commands.analysis import Data, OutFile, opened
from atlas.risk.evidence import OUTCOME, evidence_of, has_outcome
from atlas.risk.export import ATTRIBUTION, LIMITS
from atlas.risk.request import RiskRequest


def evidence(out: OutFile, data: Data) -> None:
    """Write the score's agreement with households not online in 2021, by region."""
    scorer = opened(data)
    if not has_outcome(scorer.wards):
        raise ValueError(f"the snapshot has no '{OUTCOME}': build it anew, or name another folder")
    found = evidence_of(scorer.england, scorer.wards, scorer.by_preset(RiskRequest()))
    frame = found.agreements.round(4).assign(limits=LIMITS, attribution=ATTRIBUTION)
    frame.to_csv(out, index=False, lineterminator="\n")
    print(f"{len(frame):,} lines, pooled correlation {found.pooled['standard']['rho']:.3f}: {out}")
