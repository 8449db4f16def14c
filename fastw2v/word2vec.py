"""Word2Vec: skip-gram and CBOW with negative sampling."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Sequence
from functools import partial
from typing import Any, cast

from fastw2v import cpu, modelfile
from fastw2v._checks import check_flag, check_float, check_int
from fastw2v._typing import StrPath
from fastw2v._wordmodel import VECTOR_SIZE_MAX, WordModel
from fastw2v.callbacks import call, check_callbacks
from fastw2v.corpus import Corpus
from fastw2v.errors import blame
from fastw2v.parameters import Parameters
from fastw2v.training import Run
from fastw2v.vocabulary import Vocabulary

__all__ = ["Word2Vec"]

# word2vec.c's learning rates.
_ALPHA_SKIPGRAM, _ALPHA_CBOW = 0.025, 0.05


class Word2Vec(WordModel):
    """Learn word vectors from a corpus.

    Given a corpus, the constructor builds the vocabulary and trains; without one, call
    `build_vocab` and `train`. The two calls leave a model even if Ctrl-C ends the training early.
    Copies and pickles of a model hold all but its corpus.

    Parameters
    ----------
    sentences : Corpus, or any source of one, optional
        What to train on: a path, a list of token lists, a generator, ...; see `Corpus`.
    corpus_file : str or Path, optional
        The same for a path; give one of the two.
    vector_size : int, default 100
        Dimensions of the vectors.
    alpha : float, optional
        Learning rate at the first word; it falls to `min_alpha` in proportion to the words of all
        epochs, the same for any number of threads. Default: 0.025 for skip-gram, 0.05 for CBOW, as
        in word2vec.c.
    window : int, default 5
        Greatest distance between a word and a word of its context; at most 100.
    min_count : int, default 5
        Leave out words that occur less often.
    max_final_vocab : int, optional
        Keep at most so many words, the most frequent ones.
    sample : float, default 1e-3
        Words whose share of the corpus is above this are thinned out; 0 keeps all.
    seed : int, default 1
        Of all random numbers. With ``workers=1`` the same seed gives the same vectors, bit for bit,
        on one instruction set; so it does for a corpus of at most 16,384 words, which one thread
        trains.
    workers : int, optional
        Threads. Default: the cores this process may use.
    min_alpha : float, default 0.0001
        Learning rate at the last word.
    sg : {0, 1}, default 0
        1 for skip-gram, 0 for CBOW.
    negative : int, default 5
        Noise words for each word that is trained; at most 100.
    ns_exponent : float, default 0.75
        Noise words are drawn in proportion to counts ** ns_exponent.
    cbow_mean : {0, 1}, default 1
        CBOW: 1 for the mean of the context's vectors, 0 for their sum.
    epochs : int, default 5
        How often the corpus is read.
    shrink_windows : bool, default True
        Draw the window's size for each word, from 1 to `window`; False uses `window` itself.
    compute_loss : bool, default False
        Record the loss of each epoch in `loss_history`; training takes 6 to 9 % longer.
    callbacks : sequence of objects, default ()
        Those of their methods ``on_train_begin``, ``on_epoch_begin``, ``on_epoch_end`` and
        ``on_train_end`` that exist are called with the model.
    progress : bool, optional
        Show progress on stderr: always (True), never (False), or when it is a terminal or notebook
        and the work takes over two seconds (None, the default).

    Attributes
    ----------
    wv : KeyedVectors
        The vectors (W, the input matrix); they move while training goes on.
    context_vectors : KeyedVectors
        The vectors of the words as context (W', the output matrix).
    vocabulary : Vocabulary
        The words and their counts.
    corpus_count, corpus_total_words : int
        Sentences and words of the corpus that the vocabulary comes from.
    loss_history : list of float
        For each epoch trained with `compute_loss`: the mean, over the training pairs, of
        -log sigma(u_o . v) - sum over the noise words of log sigma(-u_n . v). A pair is a word and
        a word of its context (skip-gram), or a word and its context (CBOW).
    total_train_time : float
        Seconds.

    Raises
    ------
    TypeError, ValueError
        An argument is not what it should be; raised before anything is read.

    Notes
    -----
    Skip-gram and CBOW are from Mikolov et al. 2013, "Efficient Estimation of Word Representations
    in Vector Space"; negative sampling is equation 4 of Mikolov et al. 2013, "Distributed
    Representations of Words and Phrases and their Compositionality". A window shares its noise
    words, as in Ji et al. 2016, and so do up to eight windows, far from each other. CBOW adds the
    error of the context's vector to each of its words undivided, as word2vec.c and gensim do,
    unless a word is so frequent that it fills the window.

    Examples
    --------
    >>> from fastw2v.datasets import make_analogy_corpus
    >>> corpus = make_analogy_corpus(n_words=20_000)
    >>> model = Word2Vec(corpus, vector_size=32, min_count=2, sg=1, epochs=2, workers=1)
    >>> model.wv["한국"].shape
    (32,)
    """

    def __init__(
        self,
        sentences: object = None,
        corpus_file: StrPath | None = None,
        *,
        vector_size: int = 100,
        alpha: float | None = None,
        window: int = 5,
        min_count: int = 5,
        max_final_vocab: int | None = None,
        sample: float = 1e-3,
        seed: int = 1,
        workers: int | None = None,
        min_alpha: float = 1e-4,
        sg: int = 0,
        negative: int = 5,
        ns_exponent: float = 0.75,
        cbow_mean: int = 1,
        epochs: int = 5,
        shrink_windows: bool = True,
        compute_loss: bool = False,
        callbacks: Sequence[object] = (),
        progress: bool | None = None,
    ) -> None:
        super().__init__(check_int("vector_size", vector_size, 1, VECTOR_SIZE_MAX), seed)
        self.min_count = check_int("min_count", min_count, 0)
        if max_final_vocab is not None:
            max_final_vocab = check_int("max_final_vocab", max_final_vocab, 1)
        self.max_final_vocab = max_final_vocab
        default_alpha = _ALPHA_SKIPGRAM if check_flag("sg", sg) else _ALPHA_CBOW
        self.alpha = default_alpha if alpha is None else alpha
        self.min_alpha = min_alpha
        self.window = window
        self.sample = sample
        self.workers = cpu.usable_cores() if workers is None else workers
        self.sg = sg
        self.negative = negative
        self.ns_exponent = ns_exponent
        self.cbow_mean = cbow_mean
        self.epochs = epochs
        self.shrink_windows = shrink_windows
        self.compute_loss = compute_loss
        self.callbacks = check_callbacks(callbacks)
        self.progress = progress
        # As checked: plain numbers, whatever kind of number was given.
        vars(self).update(dataclasses.asdict(self._parameters()))

        self.loss_history: list[float] = []
        self.total_train_time = 0.0
        self.corpus_count = self.corpus_total_words = 0

        source = _one_source(sentences, corpus_file)
        if source is not None:
            self.build_vocab(source)
            self.train()

    def build_vocab(self, source: object = None, *, corpus_file: StrPath | None = None) -> None:
        """Read a corpus, choose the words, and start their vectors anew.

        Parameters
        ----------
        source : Corpus, or any source of one
            What to read; see `Corpus`.
        corpus_file : str or Path, optional
            The same for a path; give one of the two.

        Raises
        ------
        TypeError
            There is no source, or both are given.
        ValueError
            No word is left after `min_count`.
        FileNotFoundError, CorpusError
            As from `Corpus`.

        Examples
        --------
        >>> model = Word2Vec(min_count=2)
        >>> model.build_vocab([["나는", "사과를", "먹었다"], ["나는", "달린다"]])
        >>> model.corpus_total_words, model.wv.index_to_key
        (5, ['나는'])
        """
        source = _one_source(source, corpus_file)
        if source is None:
            raise TypeError("build_vocab needs a source: a path, sentences, or a Corpus")
        corpus = self._read(source)
        self._set_matrices(
            Vocabulary.from_corpus(corpus, max(self.min_count, 1), self.max_final_vocab)
        )
        self.loss_history = []
        self.total_train_time = 0.0
        self._corpus = corpus
        self.corpus_count, self.corpus_total_words = len(corpus), corpus.total_words

    def train(
        self,
        source: object = None,
        *,
        corpus_file: StrPath | None = None,
        epochs: int | None = None,
        start_alpha: float | None = None,
        end_alpha: float | None = None,
        compute_loss: bool | None = None,
        callbacks: Sequence[object] | None = None,
    ) -> tuple[int, int]:
        """Train the vectors; a RuntimeWarning tells if nothing was learned.

        Parameters
        ----------
        source : Corpus, or any source of one, optional
            What to train on. Default: what `build_vocab` read. The same source is not read again:
            the same files, unless their size or time has changed, or the same object.
        corpus_file : str or Path, optional
            The same for a path; give at most one of the two.
        epochs, start_alpha, end_alpha, compute_loss, callbacks : optional
            For this call; default: those of the model.

        Returns
        -------
        trained_words : int
            Words trained, in all epochs: those of the vocabulary that subsampling kept.
        raw_words : int
            Words read, in all epochs.

        Raises
        ------
        RuntimeError
            There is no vocabulary yet, or no corpus.
        TypeError, ValueError
            An argument is not what it should be, or the vocabulary has no word of the corpus.
        KeyboardInterrupt
            On Ctrl-C, within a second; the vectors are then as trained so far.
        FloatingPointError
            The vectors are grow without bound: the learning rate is too high.

        Examples
        --------
        >>> model = Word2Vec(min_count=1, sample=0)
        >>> model.build_vocab([["나는", "사과를", "먹었다"], ["나는", "달린다"]])
        >>> model.train(epochs=2)
        (10, 10)
        """
        vocabulary = self.vocabulary
        given = {
            "epochs": epochs,
            "alpha": start_alpha,
            "min_alpha": end_alpha,
            "compute_loss": compute_loss,
        }
        changes = {name: value for name, value in given.items() if value is not None}
        if start_alpha is not None:
            check_float("start_alpha", start_alpha, 0.0, exclusive=True)
        if end_alpha is not None:
            check_float("end_alpha", end_alpha, 0.0)
        parameters = self._parameters(**changes)
        hooks = self.callbacks if callbacks is None else check_callbacks(callbacks)
        source = _one_source(source, corpus_file)
        corpus = self._corpus
        if source is not None and not (corpus and corpus.is_from(source)):
            corpus = self._read(source)
        if corpus is None:
            raise RuntimeError(
                "there is no corpus to train on: pass one to train(), or call build_vocab first"
            )
        run = Run(corpus, vocabulary, self._inputs, self._outputs, parameters)

        def after_epoch(loss: float) -> None:
            if parameters.compute_loss:
                self.loss_history.append(loss)
            call(hooks, "on_epoch_end", self)

        call(hooks, "on_train_begin", self)
        start = time.perf_counter()
        try:
            words = run.train(
                self.progress, partial(call, hooks, "on_epoch_begin", self), after_epoch
            )
        finally:
            self.total_train_time += time.perf_counter() - start
        call(hooks, "on_train_end", self)
        return words

    def save(self, path: StrPath) -> None:
        """Write the model, both matrices included, to one file (safetensors; no pickle).

        Parameters
        ----------
        path : str or Path
            The file. It is replaced only once the new one is complete.

        Raises
        ------
        RuntimeError
            There is no vocabulary yet.
        ValueError
            A vector is not finite, or the model was changed by hand so that its parts do not fit.
        OSError
            The file cannot be written.
        """
        settings = {name: getattr(self, name) for name in _SETTINGS + _RESULTS}
        settings |= dataclasses.asdict(self._parameters())
        matrices = self.wv.vectors, self.context_vectors.vectors
        modelfile.write(path, settings, self.vocabulary, *matrices)

    @classmethod
    def load(cls, path: StrPath) -> Word2Vec:
        """Read what `save` wrote; training can go on, given a corpus.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        Word2Vec

        Raises
        ------
        FormatError
            The file is damaged, or holds something else.
        OSError
            The file cannot be opened.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> path = mkdtemp() + "/model.safetensors"
        >>> Word2Vec([["나는", "달린다"]], min_count=1, sample=0).save(path)
        >>> Word2Vec.load(path)
        <Word2Vec: CBOW, 2 words, vector_size=100, alpha=0.05>
        """
        saved = modelfile.read(path)
        with blame(path, modelfile.DAMAGED):
            model = cls(**{name: saved.settings[name] for name in _SETTINGS})
            model._set_matrices(saved.vocabulary, saved.vectors, saved.context_vectors)
            for name in _RESULTS:
                setattr(model, name, saved.settings[name])
        return model

    def _read(self, source: object) -> Corpus:
        if isinstance(source, Corpus):
            return source
        return Corpus(cast(Any, source), workers=self.workers, progress=self.progress)

    def _parameters(self, **changes: object) -> Parameters:
        """Return the checked parameters of a run: those of the model, but for the changes."""
        own = {field.name: getattr(self, field.name) for field in dataclasses.fields(Parameters)}
        return Parameters(**(own | changes))

    def __repr__(self) -> str:
        words = f"{len(self._vocabulary):,} words" if self._vocabulary else "no vocabulary yet"
        kind = "skip-gram" if self.sg else "CBOW"
        return f"<Word2Vec: {kind}, {words}, vector_size={self.vector_size}, alpha={self.alpha}>"


_SETTINGS = (
    *(field.name for field in dataclasses.fields(Parameters)),
    *("vector_size", "min_count", "max_final_vocab"),
)
_RESULTS = ("corpus_count", "corpus_total_words", "total_train_time", "loss_history")


def _one_source(source: object, corpus_file: StrPath | None) -> object:
    if corpus_file is None:
        return source
    if source is not None:
        raise TypeError("give sentences or corpus_file, not both")
    if not isinstance(corpus_file, (str, os.PathLike)):
        raise TypeError(
            f"corpus_file must be a path, got {type(corpus_file).__name__}; pass it as sentences"
        )
    return corpus_file
