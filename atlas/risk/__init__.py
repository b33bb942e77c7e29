"""The risk index: its method, scores, influence, robustness and reasons."""
