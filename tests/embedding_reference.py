"""Embedding layers and their optimizers in float64 and numpy: slow, and as the formulas read."""

from __future__ import annotations

import numpy as np


def one_hot(ids, n_rows):
    return np.eye(n_rows)[np.ravel(ids)]


def look_up(table, ids):
    """As a dense layer without bias does it."""
    return (one_hot(ids, len(table)) @ table).reshape(*np.shape(ids), table.shape[1])


def gradient(ids, grad, n_rows, by_frequency=False):
    """Return the gradient of the whole table."""
    inputs = one_hot(ids, n_rows)
    dense = inputs.T @ np.reshape(grad, (len(inputs), -1))
    counts = np.maximum(inputs.sum(axis=0), 1)
    return dense / counts[:, np.newaxis] if by_frequency else dense


def reduce_bag(rows, mode, weights=None):
    """Reduce the rows of one bag."""
    if len(rows) == 0:
        return np.zeros(rows.shape[1])
    weights = np.ones(len(rows)) if weights is None else weights
    if mode == "max":
        return rows.max(axis=0)
    return (weights[:, np.newaxis] * rows).sum(axis=0) / (len(rows) if mode == "mean" else 1)


def reduce_bags(table, bags, mode, padding=None, weights=None):
    """Reduce a list of lists of ids."""
    out = []
    for k, ids in enumerate(bags):
        kept = np.array([i != padding for i in ids], bool)
        chosen = None if weights is None else np.array(weights[k])[kept]
        out.append(reduce_bag(table[np.array(ids, int)[kept]], mode, chosen))
    return np.array(out)


def bag_gradient(table, bags, grad, mode, padding=None, weights=None):
    """Return the gradient of the whole table."""
    dense = np.zeros_like(table)
    for k, ids in enumerate(bags):
        kept = [(i, place) for place, i in enumerate(ids) if i != padding]
        for i, place in kept:
            if mode == "max":
                continue
            scale = 1 / len(kept) if mode == "mean" else 1
            dense[i] += grad[k] * scale * (1 if weights is None else weights[k][place])
        if mode == "max" and kept:
            rows = np.array([i for i, _ in kept])
            best = rows[table[rows].argmax(axis=0)]
            dense[best, np.arange(table.shape[1])] += grad[k]
    return dense


class Descent:
    """An optimizer of a table; rows without a gradient are left out, or have the gradient 0."""

    def __init__(self, name, formula, lazy, **settings):
        self.name, self.is_keras, self.lazy = name, formula == "keras", lazy
        self.settings, self.t = settings, 0
        self.states = {}

    def state(self, key, table, fill=0.0):
        return self.states.setdefault(key, np.full_like(table, fill))

    def step(self, table, dense, touched):
        """Change the table by a gradient, of which `touched` says where it is."""
        self.t += 1
        rows = touched if self.lazy else np.ones(len(table), bool)
        getattr(self, self.name)(table, np.where(touched[:, np.newaxis], dense, 0.0), rows)

    def sgd(self, table, g, rows):
        s = self.settings
        rate, mu = s["learning_rate"], s.get("momentum", 0.0)
        m = self.state("momentum", table)
        if self.is_keras:
            m[rows] = mu * m[rows] - rate * g[rows]
            change = mu * m - rate * g if s.get("nesterov") else m
            table[rows] += change[rows]
        else:
            m[rows] = mu * m[rows] + g[rows]
            change = g + mu * m if s.get("nesterov") else m
            table[rows] -= rate * change[rows]

    def root(self, squares):
        epsilon = self.settings["epsilon"]
        return np.sqrt(squares + epsilon) if self.is_keras else np.sqrt(squares) + epsilon

    def adagrad(self, table, g, rows):
        squares = self.state("squares", table, self.settings["initial_accumulator_value"])
        squares[rows] += g[rows] ** 2
        table[rows] -= self.settings["learning_rate"] * g[rows] / self.root(squares)[rows]

    def rmsprop(self, table, g, rows):
        s = self.settings
        rho, mu, rate = s["rho"], s.get("momentum", 0.0), s["learning_rate"]
        squares, m, mean = (self.state(k, table) for k in ("squares", "momentum", "mean"))
        squares[rows] = rho * squares[rows] + (1 - rho) * g[rows] ** 2
        mean[rows] = rho * mean[rows] + (1 - rho) * g[rows]
        centre = mean**2 if s.get("centered") else 0.0
        change = g / self.root(squares - centre)
        if self.is_keras:
            m[rows] = mu * m[rows] + rate * change[rows]
            table[rows] -= m[rows]
        else:
            m[rows] = mu * m[rows] + change[rows]
            table[rows] -= rate * m[rows]

    def adam(self, table, g, rows):
        s = self.settings
        b1, b2, epsilon = s["beta_1"], s["beta_2"], s["epsilon"]
        m, squares = self.state("momentum", table), self.state("squares", table)
        m[rows] = b1 * m[rows] + (1 - b1) * g[rows]
        squares[rows] = b2 * squares[rows] + (1 - b2) * g[rows] ** 2
        if self.is_keras:  # which has these powers in float32
            b1, b2 = np.float32([b1, b2])
        c1, c2 = 1 - float(b1**self.t), 1 - float(b2**self.t)
        if self.is_keras or self.lazy:  # as PyTorch's SparseAdam
            change = np.sqrt(c2) / c1 * m / (np.sqrt(squares) + epsilon)
        else:
            change = m / c1 / (np.sqrt(squares / c2) + epsilon)
        table[rows] -= s["learning_rate"] * change[rows]
