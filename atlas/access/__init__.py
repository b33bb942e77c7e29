"""Who can reach help: distances, walking times, support, closures, catchments."""
