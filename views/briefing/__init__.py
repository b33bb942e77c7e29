"""Parts of the briefing."""
