"""Places side by side."""

from views.compare.page import page
from views.kit.doors import tabs

tabs("compare", {"compare": page})
