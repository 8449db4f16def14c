"""gensim's Word2Vec models as ours, and ours as gensim's."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from fastw2v._gensim.export import import_gensim
from fastw2v._gensim.reader import read_model
from fastw2v._keys import check_finite
from fastw2v._typing import StrPath
from fastw2v.errors import FormatError, blame
from fastw2v.vocabulary import Vocabulary

if TYPE_CHECKING:
    from fastw2v.word2vec import Word2Vec

    Model = TypeVar("Model", bound=Word2Vec)


def load_model(cls: type[Model], path: StrPath) -> Model:
    """Read a Word2Vec that gensim's `save` wrote, so that its training can go on.

    Parameters
    ----------
    cls : type
        `Word2Vec`, or a subclass.
    path : str or os.PathLike
        The file.

    Returns
    -------
    Word2Vec
        Its words in the order of our vocabularies.

    Raises
    ------
    FormatError
        The file is damaged, holds something else, or has a parameter that `cls` does not take.
    OSError
        The file, or one that belongs to it, cannot be opened.

    Warns
    -----
    UserWarning
        The model has output weights that are left out: those of hierarchical softmax.
    """
    saved = read_model(path)
    settings = dict(saved.settings)
    for name, value in settings.items():
        if not isinstance(value, int | float):
            raise FormatError(path, f"a damaged model of gensim: {name} is no number")
    if settings.pop("hs", 0):
        warnings.warn(
            f"{path}: the output weights of hierarchical softmax (hs=1) are left out; training "
            "goes on by negative sampling",
            stacklevel=3,
        )
    if not settings.get("negative"):
        settings.pop("negative", None)
    with blame(path, "a model of gensim that cannot be trained here, but KeyedVectors.load reads"):
        keys, vectors, counts, attributes = saved.wv
        if counts is None:
            raise ValueError("it has no counts of its words")
        model = cls(**settings)
        vocabulary = Vocabulary(keys, counts)
        rows = {key: row for row, key in enumerate(keys)}
        order = np.array([rows[key] for key in vocabulary.index_to_key])
        outputs = np.zeros_like(vectors) if saved.context_vectors is None else saved.context_vectors
        for matrix in (vectors, outputs):
            if matrix.shape != (len(keys), model.vector_size):
                raise ValueError(f"a matrix of shape {matrix.shape} for {len(keys):,} words")
            check_finite(keys, matrix)
        arrays = {"vectors": vectors[order], "context_vectors": outputs[order]}
        if saved.lock_factors is not None and saved.lock_factors.shape == (len(keys),):
            arrays["lock_factors"] = saved.lock_factors[order].astype(np.float32)
        model._restore(vocabulary, arrays)
        model.wv.expandos.update({name: values[order] for name, values in attributes.items()})
        for name, value in saved.results.items():
            if not isinstance(value, (int, float)):
                raise TypeError(f"{name} is no number")
            setattr(model, name, value)
    return model


def to_gensim(model: Word2Vec) -> Any:
    """Return a gensim model with copies of both matrices, whose training gensim can continue.

    Parameters
    ----------
    model : Word2Vec
        The model; as a method of it, leave this out.

    Returns
    -------
    gensim.models.Word2Vec

    Raises
    ------
    ImportError
        gensim is not installed: ``pip install 'fastw2v[gensim]'``.
    RuntimeError
        There is no vocabulary yet.
    ValueError
        The model learns by hierarchical or full softmax, which is not carried over.

    Examples
    --------
    >>> model.to_gensim().save("for-gensim.model")  # doctest: +SKIP
    """
    vocabulary = model.vocabulary
    if model.hs or model.objective is not None:
        raise ValueError(
            "to_gensim carries over negative sampling alone, and this model has "
            f"hs={model.hs}, objective={model.objective!r}; pass on its vectors by "
            "model.wv.to_gensim()"
        )
    names = (
        *("vector_size", "alpha", "min_alpha", "window", "sample", "seed", "workers", "sg"),
        *("negative", "ns_exponent", "cbow_mean", "epochs", "shrink_windows"),
    )
    made = import_gensim().models.Word2Vec(
        **{name: getattr(model, name) for name in names},
        # Not to drop words here that the vocabulary has.
        min_count=min(model.min_count, int(vocabulary.counts.min())),
    )
    counts = dict(zip(vocabulary.index_to_key, vocabulary.counts.tolist(), strict=True))
    made.build_vocab_from_freq(counts, corpus_count=model.corpus_count)
    order = [vocabulary.key_to_index[word] for word in made.wv.index_to_key]
    arrays = model._arrays()
    made.wv.vectors[:] = arrays["vectors"][order]
    made.syn1neg[:] = arrays["context_vectors"][order]
    if "lock_factors" in arrays:
        made.wv.vectors_lockf = arrays["lock_factors"][order]
    made.corpus_total_words = model.corpus_total_words
    made.total_train_time = model.total_train_time
    return made
