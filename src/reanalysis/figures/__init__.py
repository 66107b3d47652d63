"""Figures: each takes a tidy table and returns a matplotlib Figure. No statistics in here: what is drawn is stored."""
