"""The audit of the published datasets, made once for each snapshot."""

from atlas.datastore.audit import Audit
from views.session.kept import per_snapshot
from views.session.snapshot import Atlas


@per_snapshot
def audit(shared: Atlas) -> Audit:
    """Return the audit of this visit's snapshot."""
    return Audit(shared.snapshot, shared.places)
