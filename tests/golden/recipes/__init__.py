"""Recipes: the reference cases recomputed with this project, one module per topic."""

import importlib
import pkgutil


def load_all() -> None:
    """Import every module of recipes, which registers them in `tests.golden.oracle.RECIPES`."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
