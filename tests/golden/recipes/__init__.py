"""Recipes: the reference cases recomputed with this project, one module per topic."""
