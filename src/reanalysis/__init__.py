"""A living, checkable reanalysis of a narrative review."""
