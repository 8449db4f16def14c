"""An embedding layer is a dense layer without bias on one-hot input, without the zeros."""

from __future__ import annotations

import numpy as np

from fastw2v import Embedding


def main(n_words: int = 20_000, dimensions: int = 64, n_ids: int = 500) -> dict[str, float]:
    """Compare outputs and gradients; print and return the differences, and the memory of both."""
    random = np.random.default_rng(1)
    ids = (n_words ** random.random(n_ids) - 1).astype(int)
    grad = random.standard_normal((n_ids, dimensions), dtype=np.float32)
    layer = Embedding(n_words, dimensions)

    one_hot = np.zeros((n_ids, n_words), np.float32)
    one_hot[np.arange(n_ids), ids] = 1
    outputs, gradient = one_hot @ layer.embeddings, one_hot.T @ grad

    looked_up, sparse = layer(ids), layer.backward(grad)
    found = {
        "largest difference of outputs": np.abs(looked_up - outputs).max(),
        "largest difference of gradients": np.abs(sparse.to_dense() - gradient).max(),
        "dense: MB of input and gradient": (one_hot.nbytes + gradient.nbytes) / 1e6,
        "embedding: MB of ids and gradient": (ids.nbytes + sum(x.nbytes for x in sparse[:2])) / 1e6,
    }
    for name, number in found.items():
        print(f"{name:34} {number:.6f}")
    return {name: float(number) for name, number in found.items()}


if __name__ == "__main__":
    main()
