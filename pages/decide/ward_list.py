"""Which wards to start with, in what order, why, and how sure that is."""

from views.kit.doors import tabs
from views.ward_list.risk_list import page

tabs("ward_list", {"ward_list": page})
