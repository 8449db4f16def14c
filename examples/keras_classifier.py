"""A Keras model whose embedding layer starts from word2vec, and what it has learnt, taken back.

Set KERAS_BACKEND=torch before, or another backend that is installed.
"""

from __future__ import annotations

import keras
import numpy as np
from text_classifier import DIMENSIONS, N_LABELLED, N_TESTED, labelled_sentences

from fastw2v import Embedding, Word2Vec


def main(epochs: int = 30) -> float:
    """Print and return the accuracy."""
    keras.utils.set_random_seed(1)
    sentences, labels = labelled_sentences()
    word2vec = Word2Vec(sentences, vector_size=DIMENSIONS, sg=1, min_count=2, epochs=5, sample=0)
    layer = Embedding.from_word2vec(word2vec, freeze=False, mask_zero=True, unknown="row")
    ids = layer.encode(sentences)

    model = keras.Sequential(
        [
            layer.to_keras(),
            keras.layers.GlobalAveragePooling1D(),  # heeds the mask
            keras.layers.Dense(int(labels.max()) + 1, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.optimizer.learning_rate = 0.02
    model.fit(ids[:N_LABELLED], labels[:N_LABELLED], epochs=epochs, verbose=0)
    answers = model.predict(ids[-N_TESTED:], verbose=0).argmax(axis=1)

    learnt = Embedding.from_keras(model.layers[0], vocabulary=layer.words, unknown="row")
    word = layer.words[0]
    moved = np.linalg.norm(learnt.vectors[word] - word2vec.wv[word])
    accuracy = float((answers == labels[-N_TESTED:]).mean())
    print(f"accuracy {accuracy:.3f}; the vector of {word} has moved by {moved:.3f}")
    return accuracy


if __name__ == "__main__":
    main()
