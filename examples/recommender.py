"""Matrix factorization: vectors of users and of things, learnt from some ratings, foretell others.

A rating is the product of a user's and a thing's vector, plus what users and things have in common.
"""

from __future__ import annotations

import numpy as np

from fastw2v import Embedding
from fastw2v.embedding import Adagrad

N_USERS, N_THINGS, N_RATINGS, TASTES = 300, 200, 12_000, 4


def made_ratings(seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Make users, things, and ratings about 3 that hidden tastes decide, but for some noise."""
    random = np.random.default_rng(seed)
    users, things = random.integers(0, [[N_USERS], [N_THINGS]], (2, N_RATINGS))
    likes = random.standard_normal((N_USERS, TASTES)) / np.sqrt(TASTES)
    offers = random.standard_normal((N_THINGS, TASTES))
    quality = 0.5 * random.standard_normal(N_THINGS)
    ratings = 3 + quality[things] + (likes[users] * offers[things]).sum(axis=1)
    return users, things, ratings + 0.2 * random.standard_normal(N_RATINGS)


def main(epochs: int = 60, batch: int = 500) -> dict[str, float]:
    """Print and return the root mean square errors of ratings that the model has not seen."""
    users, things, ratings = made_ratings()
    train, test = slice(0, -2_000), slice(-2_000, None)
    mean = ratings[train].mean()
    of_users = Embedding(N_USERS, TASTES, "normal", seed=1)
    of_things = Embedding(N_THINGS, TASTES, "normal", seed=2)
    biases = Embedding(N_THINGS, 1, "zeros")
    optimizer = Adagrad(0.1)
    random = np.random.default_rng(1)

    def foretold(u: np.ndarray, t: np.ndarray) -> np.ndarray:
        return mean + biases(t)[:, 0] + (of_users(u) * of_things(t)).sum(axis=1)

    for _ in range(epochs):
        order = random.permutation(len(ratings[train]))
        for chosen in np.array_split(order, len(order) // batch):
            u, t = users[chosen], things[chosen]
            errors = (foretold(u, t) - ratings[chosen])[:, np.newaxis]
            to_users = errors * of_things(t) + 0.05 * of_users(u)
            to_things = errors * of_users(u) + 0.05 * of_things(t)
            of_users.step(u, to_users, optimizer)
            of_things.step(t, to_things, optimizer)
            biases.step(t, errors, optimizer)

    found = {
        "the mean of all ratings": np.sqrt(np.mean((ratings[test] - mean) ** 2)),
        "matrix factorization": np.sqrt(
            np.mean((ratings[test] - foretold(users[test], things[test])) ** 2)
        ),
    }
    for name, error in found.items():
        print(f"{name:24} {error:.3f}")
    return {name: float(error) for name, error in found.items()}


if __name__ == "__main__":
    main()
