"""Where help is near today, what would change, and where the next places would go."""

from views.help_nearby import today, what_if, where_next
from views.kit.doors import tabs

tabs(
    "help_nearby",
    {"help_nearby": today.page, "what_if": what_if.page, "where_next": where_next.page},
)
