"""Which wards to start with: by risk, or by any one measure."""

from views.kit.doors import tabs
from views.ward_list import any_measure, risk_list

tabs("ward_list", {"ward_list": risk_list.page, "any_measure": any_measure.page})
