"""The least cost of moving masses from places to other places; by SciPy."""

from __future__ import annotations

import numpy as np

from fastw2v._typing import Array


def least_cost(supplies: Array, demands: Array, costs: Array) -> float:
    """Return the least cost of moving supplies to demands of the same sum.

    Parameters
    ----------
    supplies, demands : ndarray of float64 of shape (m,) and (n,)
    costs : ndarray of float64 of shape (m, n)
        Of moving mass 1.

    Returns
    -------
    float

    Raises
    ------
    ImportError
        SciPy is not installed.

    Examples
    --------
    >>> least_cost(np.array([1.0]), np.array([0.5, 0.5]), np.array([[2.0, 4.0]]))
    3.0
    """
    if 1 in costs.shape:  # all moves between the one place and each other
        return float((costs * supplies[:, np.newaxis] * demands).sum() / supplies.sum())
    try:
        from scipy.optimize import linprog  # type: ignore[import-untyped]
        from scipy.sparse import eye_array, kron, vstack  # type: ignore[import-untyped]
    except ImportError as error:
        raise ImportError(
            "the word mover's distance needs SciPy: pip install 'fastw2v[wmd]'"
        ) from error
    m, n = costs.shape
    sums = vstack(
        [kron(eye_array(m), np.ones((1, n))), kron(np.ones((1, m)), eye_array(n))], format="csr"
    )
    # The last sum follows from the others; left in, it may contradict them by a rounding.
    plan = linprog(
        costs.ravel(), A_eq=sums[:-1], b_eq=np.concatenate([supplies, demands])[:-1], method="highs"
    )
    if plan.status != 0:
        raise ArithmeticError(f"SciPy has found no plan of transport: {plan.message}")
    return float(plan.fun)
