"""What "near" means (within a mile, in a straight line), and near to what: classes of library."""

MILE = 1609.344  # metres

LIBRARY_SERVICE = "library service"
COMMUNITY_RUN = "community-run"
UNSTAFFED = "unstaffed, or hours not stated"

SERVICE_MEANS = (
    "Here only libraries that the council runs or commissions with staff count: community-run "
    "libraries are left out."
)
LIBRARY_MEANS = (
    "Libraries that count here are staffed and run or commissioned by the council, or are "
    "community libraries open at least two hours a week. Others, such as unstaffed ones, "
    "do not count."
)
# The types of library that one can walk into.
WALK_IN = ("static library", "static local history library")
