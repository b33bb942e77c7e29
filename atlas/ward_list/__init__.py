"""Lists of wards: chosen, ranked, divided among, written out."""
