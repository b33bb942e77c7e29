"""One ward: its profile, its sentences, its sheet on paper."""
