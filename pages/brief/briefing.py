"""The briefing of a place, and what its first 100 days are for."""

from views.briefing import first_100_days
from views.briefing.page import page
from views.kit.doors import tabs

tabs("briefing", {"briefing": page, "first_100_days": first_100_days.page})
