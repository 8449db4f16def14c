"""What to start an embedding layer from: random numbers, or vectors of word2vec, frozen or not.

Korean sentences are to be sorted into three kinds. Few of them have labels; word2vec has read them
all, without labels. The model: Embedding, the mean of what the mask leaves, logistic regression.

Fine-tuning does not win here. It moves the words of the labelled sentences farther than they are
long, and leaves all others where they were; and on this made corpus word2vec has learnt the kinds
already, so there is nothing to gain. Whether it pays on real text is to be tried.
"""

from __future__ import annotations

import numpy as np

from fastw2v import Embedding, Word2Vec
from fastw2v.datasets import analogy_questions, make_analogy_corpus
from fastw2v.embedding import Adam

N_WORDS, N_LABELLED, N_TESTED, DIMENSIONS = 120_000, 60, 2_000, 32


def labelled_sentences() -> tuple[list[list[str]], np.ndarray]:
    """Make sentences, and label each by the kind of the word it is about, which is taken out."""
    kinds = {}
    for number, questions in enumerate(analogy_questions(["ko"]).values()):
        kinds |= {word: number for question in questions for word in question}
    sentences, labels = [], []
    for sentence in make_analogy_corpus(N_WORDS, ["ko"]):
        subject = next(word for word in sentence if word in kinds)
        sentences.append([word for word in sentence if word not in kinds])
        labels.append(kinds[subject])
    return sentences, np.array(labels)


def probabilities(scores: np.ndarray) -> np.ndarray:
    """Return the softmax of each row."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def means(layer: Embedding, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean vector of each sentence, and what each word contributes to it."""
    mask = layer.compute_mask(ids)
    shares = mask / np.maximum(mask.sum(axis=1, keepdims=True), 1)
    return np.einsum("sw,swd->sd", shares, layer(ids)), shares


def accuracy(layer: Embedding, train, test, epochs: int = 60) -> float:
    """Train the layer, and a logistic regression on top; return the share of right answers."""
    (ids, labels), (test_ids, test_labels) = train, test
    regression = np.zeros((layer.output_dim, labels.max() + 1))
    optimizer = Adam(0.02)
    for _ in range(epochs):
        features, shares = means(layer, ids)
        errors = probabilities(features @ regression)
        errors[np.arange(len(labels)), labels] -= 1
        grad = np.einsum("sw,sd->swd", shares, errors @ regression.T / len(labels))
        regression -= 2.0 * features.T @ errors / len(labels)
        layer.step(ids, grad, optimizer)
    answers = (means(layer, test_ids)[0] @ regression).argmax(axis=1)
    return float((answers == test_labels).mean())


def main() -> dict[str, float]:
    """Print and return the accuracies."""
    sentences, labels = labelled_sentences()
    model = Word2Vec(sentences, vector_size=DIMENSIONS, sg=1, min_count=2, epochs=5, sample=0)
    layers = {
        "random": Embedding.from_vocabulary(model.wv, DIMENSIONS, mask_zero=True),
        "word2vec, frozen": Embedding.from_word2vec(model, mask_zero=True, unknown="row"),
        "word2vec, fine-tuned": Embedding.from_word2vec(
            model, freeze=False, mask_zero=True, unknown="row"
        ),
    }
    ids = layers["random"].encode(sentences)
    train = ids[:N_LABELLED], labels[:N_LABELLED]
    test = ids[-N_TESTED:], labels[-N_TESTED:]
    accuracies = {}
    for name, layer in layers.items():
        accuracies[name] = accuracy(layer, train, test)
        print(f"{name:22} {accuracies[name]:.3f}")
    return accuracies


if __name__ == "__main__":
    main()
