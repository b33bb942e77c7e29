"""Outside text made safe."""
