"""What a caller hands over - effects, variances, moderators, labels - as arrays: used as given, or refused."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

SMALLEST, LARGEST = 1e-50, 1e50
RATIO = 1e15
"""How far sampling variances may differ: beyond it differences of sums of weights cancel."""


def numbers(values, name: str) -> np.ndarray:
    """`values` as floats, nan where one is missing (None, nan, pandas' NA, masked); indexes of a Series are ignored.

    Raises ValueError for what is no number, complex numbers among them.
    """
    if isinstance(values, np.ma.MaskedArray):
        return np.where(np.ma.getmaskarray(values), np.nan, numbers(values.data, name))
    array = np.asarray(values)
    if array.dtype.kind == "c":
        raise ValueError(f"{name} must be real numbers, not complex ones")
    try:
        if array.dtype.kind == "O":
            array = np.array([np.nan if is_missing(value) else value for value in array.ravel()]).reshape(array.shape)
        return array.astype(float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be numbers: '{_first_that_is_none(array)}' is not one") from None


def _first_that_is_none(array: np.ndarray):
    for value in array.ravel():
        try:
            float(value)
        except (TypeError, ValueError):
            return value
    return array


def variances(vi, sei) -> np.ndarray:
    """Sampling variances from `vi`, or from standard errors `sei`: exactly one of them is given.

    Raises ValueError for both or neither, and for standard errors that are not positive, whose square would hide it.
    """
    if (vi is None) == (sei is None):
        raise ValueError("give either sampling variances vi or standard errors sei, not both or neither")
    if sei is None:
        return numbers(vi, "vi")
    sei = numbers(sei, "sei")
    if (sei <= 0).any():
        raise ValueError("standard errors sei must be positive; check rows with zero or negative ones")
    return sei**2


def check_effects(yi: np.ndarray, vi: np.ndarray) -> None:
    """Raise ValueError unless all effects are finite, all variances positive, and both of a size to compute with.

    Missing values (nan) pass.
    """
    if np.isinf(yi).any() or np.isinf(vi).any():
        raise ValueError("yi and vi must be finite; check rows with infinite values")
    if (vi <= 0).any():
        raise ValueError("sampling variances vi must be positive; check rows with zero or negative vi")
    known = vi[~np.isnan(vi)]
    if not known.size:
        return
    low, high = known.min(), known.max()
    if low < SMALLEST or high > LARGEST or (np.abs(yi) > LARGEST).any():
        raise ValueError(
            f"yi and vi must be of a size to compute with, vi from {SMALLEST:g} to {LARGEST:g}: check their units"
        )
    if high > RATIO * low:
        raise ValueError(
            f"sampling variances from {low:.3g} to {high:.3g} differ by more than a factor of {RATIO:g}, too much to "
            "compute with: an effect that precise would stand alone, one that imprecise says nothing; leave it out"
        )


def is_missing(label) -> bool:
    """Whether a label is not known: None, nan, pandas' NA, or "nan", which numpy makes of nan among strings."""
    if label is None or (isinstance(label, str) and label == "nan"):
        return True
    try:
        return bool(label != label)
    except TypeError:  # pandas' NA does not say whether it equals itself
        return True


def labels(values, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Labels (k,) of one type, and where they are missing (k,); see `is_missing`, masked ones count too.

    Numbers stay numbers; numbers and strings together become strings. Raises ValueError unless one-dimensional.
    """
    masked = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else False
    array = np.asarray(values) if hasattr(values, "dtype") else np.array([*values], dtype=object)
    if array.ndim != 1:
        raise ValueError(f"{name} must be a list of labels, one for each effect, got shape {array.shape}")
    if array.dtype.kind in "ifb":
        return array, (np.isnan(array) if array.dtype.kind == "f" else np.zeros(len(array), bool)) | masked
    missing = np.array([is_missing(label) for label in array], bool) | masked
    known = array[~missing].tolist()
    kept = np.array(known if len({isinstance(label, str) for label in known}) < 2 else [str(label) for label in known])
    if kept.ndim != 1:
        raise ValueError(f"{name} must be a list of labels, one for each effect")
    out = np.zeros(len(array), kept.dtype if len(kept) else float)
    out[~missing] = kept
    return out, missing


def names_of(factors) -> dict[str, object]:
    """Columns by their names, as strings, of a mapping or a DataFrame, or of a Series that has a name.

    Raises ValueError where there is no name, or the same one twice.
    """
    if isinstance(factors, Mapping):
        names, columns = [str(name) for name in factors], list(factors.values())
    elif hasattr(factors, "columns"):
        names, columns = [str(name) for name in factors.columns], [factors.iloc[:, j] for j in range(factors.shape[1])]
    elif getattr(factors, "name", None) is not None and hasattr(factors, "index"):
        names, columns = [str(factors.name)], [factors]
    else:
        raise ValueError("name what you give: a mapping of names to columns, a DataFrame, or a Series that has a name")
    check_unique(names)
    return dict(zip(names, columns, strict=True))


def check_unique(names: Sequence[str]) -> None:
    """Raise ValueError if a name comes twice."""
    if twice := sorted({name for name in names if list(names).count(name) > 1}):
        raise ValueError(f"the same name stands for several columns: {', '.join(twice)}")


class Moderators(NamedTuple):
    """Columns (k, q) with their names."""

    table: np.ndarray
    names: tuple[str, ...]


def moderators(mods, k: int) -> Moderators:
    """Moderators from a mapping, a DataFrame, a named Series, or an array (k,) or (k, q) with columns x1, x2 ...

    Raises ValueError for columns that are not numbers or not k long, for other shapes, and for a name that comes twice.
    """
    if isinstance(mods, Mapping) or hasattr(mods, "columns") or getattr(mods, "name", None) is not None:
        given = names_of(mods)
        names, columns = tuple(given), [_moderator(column, f"moderator {name}") for name, column in given.items()]
        if not columns:
            raise ValueError("mods names no moderator: leave it out for a model without any")
    else:
        table = _moderator(mods, "mods")
        if table.ndim not in (1, 2):
            raise ValueError(f"mods must be a column (k,) or a table (k, q), got an array of shape {table.shape}")
        columns = list(table[:, None].T if table.ndim == 1 else table.T)
        names = tuple(f"x{j + 1}" for j in range(len(columns)))
    for name, column in zip(names, columns, strict=True):
        if column.shape != (k,):
            raise ValueError(f"moderator {name} has shape {column.shape}, but there are {k} effects")
    return Moderators(np.column_stack(columns), names)


def _moderator(column, name: str) -> np.ndarray:
    try:
        return numbers(column, name)
    except ValueError as reason:
        raise ValueError(f"{reason}; code categories with `indicators`") from None


def indicators(factors, *, drop_first: bool = True) -> dict[str, np.ndarray]:
    """0/1 columns of categorical moderators, called "factor: level", levels sorted; the first level is the reference.

    `factors` is a mapping of names to labels (k,), a DataFrame, or a Series that has a name: the columns carry the name
    of their factor, so that those of several factors never take one another's place. Where a label is missing (None,
    nan, pandas' NA, "nan", masked) all columns of its factor are nan: `fit` leaves the row out and says so, and what
    takes no missing rows refuses it. Without `drop_first` all levels have a column, for a model without intercept.

    Raises ValueError for labels without the name of a factor, and a factor with a single level.
    """
    out = {}
    for factor, values in names_of(factors).items():
        column, missing = labels(values, factor)
        levels = np.unique(column[~missing])
        if len(levels) < 2 and drop_first:
            raise ValueError(f"factor {factor} has fewer than two levels: it has no contrast")
        for level in levels[int(drop_first) :]:
            out[f"{factor}: {level}"] = np.where(missing, np.nan, column == level)
    return out


def new_rows(model, newmods) -> np.ndarray:
    """Rows of the design of a fitted `model` for moderator values, by name from a mapping, DataFrame or named row.

    `model` has `X`, `names`, `intercept`, the names of the moderators `given`, and which of them it kept (`columns`).
    Without `newmods` these are the average of a model without moderators, else the rows of the data.

    Raises ValueError for names that are missing or unknown, and for a wrong number of columns.
    """
    if newmods is None:
        return np.ones((1, 1)) if model.X.shape[1] == 1 and model.intercept else model.X
    given, kept = model.given, [name for name, used in zip(model.given, model.columns, strict=True) if used]
    index = getattr(newmods, "index", None)
    if len(given) > 1 and np.ndim(newmods) == 1 and index is not None and not isinstance(newmods, Mapping | Sequence):
        labels_of_row = list(index)
        if all(isinstance(label, str) for label in labels_of_row):  # a row of a DataFrame
            newmods = dict(zip(labels_of_row, np.asarray(newmods), strict=True))
    if isinstance(newmods, Mapping) or hasattr(newmods, "columns"):
        table = names_of(newmods)
        unknown, missing = [n for n in table if n not in given], [n for n in kept if n not in table]
        if unknown or missing:
            wrong = [f"{what}: {', '.join(n)}" for what, n in (("unknown", unknown), ("missing", missing)) if n]
            raise ValueError(f"newmods must name the moderators of the model ({', '.join(given)}); {'; '.join(wrong)}")
        columns = [np.atleast_1d(_moderator(table[name], f"moderator {name}")) for name in kept]
        if len({len(column) for column in columns} - {1}) > 1:
            raise ValueError("the columns of newmods must be equally long")
        rows = max((len(column) for column in columns), default=1)
        x = np.column_stack([np.broadcast_to(column, rows) for column in columns] or [np.empty((rows, 0))])
    else:
        x = numbers(newmods, "newmods")
        if x.ndim < 2:  # one moderator: values; several: one row
            x = x.reshape(-1, 1) if len(given) == 1 else x.reshape(1, -1)
        if x.ndim != 2 or x.shape[1] != len(given):
            raise ValueError(f"newmods needs {len(given)} columns, as mods had ({', '.join(given)}), got {x.shape[-1]}")
        x = x[:, model.columns]
    return np.column_stack([np.ones(len(x)), x]) if model.intercept else x


def coefficient_index(names: Sequence[str], coefficients) -> list[int]:
    """Positions of coefficients given by name or index; a single name or index is one coefficient.

    Raises ValueError for none, unknown ones, or one that comes twice.
    """
    chosen = [coefficients] if isinstance(coefficients, str | int | np.integer) else list(coefficients)
    known = f"this model has {', '.join(names)}"
    if not chosen:
        raise ValueError(f"name at least one coefficient: {known}")
    index = []
    for one in chosen:
        by_name = isinstance(one, str)
        if (by_name and one not in names) or (not by_name and not -len(names) <= int(one) < len(names)):
            raise ValueError(f"there is no coefficient {one!r}: {known}")
        index.append(list(names).index(one) if by_name else int(one) % len(names))
    check_unique([names[i] for i in index])
    return index
