"""Places side by side, and wards that are alike."""
