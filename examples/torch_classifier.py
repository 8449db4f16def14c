"""A PyTorch model whose bags of embeddings start from word2vec; what it learns is taken back."""

from __future__ import annotations

import numpy as np
import torch
from text_classifier import DIMENSIONS, N_LABELLED, N_TESTED, labelled_sentences

from fastw2v import EmbeddingBag, Word2Vec


def main(epochs: int = 60) -> float:
    """Print and return the accuracy."""
    torch.manual_seed(1)
    sentences, labels = labelled_sentences()
    word2vec = Word2Vec(sentences, vector_size=DIMENSIONS, sg=1, min_count=2, epochs=5, sample=0)
    layer = EmbeddingBag.from_word2vec(word2vec, freeze=False, unknown="row")

    def bags(chosen: list[list[str]]) -> tuple[torch.Tensor, torch.Tensor]:
        ids = np.concatenate([layer.encode(sentence) for sentence in chosen])
        ends = np.cumsum([len(sentence) for sentence in chosen])
        return torch.from_numpy(ids), torch.from_numpy(np.append(0, ends[:-1]))

    module = layer.to_torch()
    top = torch.nn.Linear(DIMENSIONS, int(labels.max()) + 1)
    optimizer = torch.optim.Adam([*module.parameters(), *top.parameters()], lr=0.02)
    train = bags(sentences[:N_LABELLED])
    for _ in range(epochs):
        optimizer.zero_grad()
        scores = top(module(*train))
        torch.nn.functional.cross_entropy(scores, torch.from_numpy(labels[:N_LABELLED])).backward()
        optimizer.step()
    with torch.no_grad():
        answers = top(module(*bags(sentences[-N_TESTED:]))).argmax(dim=1).numpy()

    learnt = EmbeddingBag.from_torch(module, vocabulary=layer.words, unknown="row")
    word = layer.words[0]
    moved = np.linalg.norm(learnt.vectors[word] - word2vec.wv[word])
    accuracy = float((answers == labels[-N_TESTED:]).mean())
    print(f"accuracy {accuracy:.3f}; the vector of {word} has moved by {moved:.3f}")
    return accuracy


if __name__ == "__main__":
    main()
