"""Word2Vec: skip-gram and CBOW; negative sampling, hierarchical softmax or the full softmax."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from fastw2v import cpu
from fastw2v._checks import check_flag, check_float, check_int, check_limit, check_path
from fastw2v._files import check_writable
from fastw2v._model.gensimnames import GensimNames, renamed, tell_of_no_effect
from fastw2v._model.resume import ModelResume
from fastw2v._model.vocabulary import one_source
from fastw2v._model.wordmodel import VECTOR_SIZE_MAX
from fastw2v._typing import StrPath
from fastw2v.callbacks import check_callbacks
from fastw2v.keyedvectors import KeyedVectors
from fastw2v.parameters import default_alpha
from fastw2v.trimming import TrimRule, check_rule
from fastw2v.warmstart import Freeze, WarmStart

__all__ = ["Word2Vec"]


class Word2Vec(ModelResume, GensimNames):
    """Learn word vectors from a corpus.

    Given a corpus, the constructor builds the vocabulary and trains; without one, call
    `build_vocab` and `train`. The two calls leave a model even if Ctrl-C ends the training early.
    Copies and pickles of a model hold all but its corpus, its vectors to start from, and functions:
    `callbacks` and `trim_rule`.

    Parameters stand in gensim's order. The older names ``size`` (vector_size) and ``iter`` (epochs)
    are taken, with a DeprecationWarning.

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
        in word2vec.c; 0.15 for CBOW with the exact gradient.
    window : int, default 5
        Greatest distance between a word and a word of its context; at most 100.
    min_count : int, default 5
        Leave out words that occur less often.
    max_vocab_size : int, optional
        Before `min_count` is asked for, leave out all words but so many of the most frequent. The
        words are counted exactly; of those tied at the limit the first ones by themselves stay.
        To bound the memory of the counting itself, pass ``Corpus(source, max_distinct=…)``.
    sample : float, default 1e-3
        Words whose share of the corpus is above this are thinned out; 0 keeps all.
    seed : int, default 1
        Of all random numbers. With ``workers=1`` the same seed gives the same vectors, bit for bit,
        on one instruction set; so it does for a corpus of at most 16,384 words, which one thread
        trains; and see `deterministic`.
    workers : int, optional
        Threads. Default: the cores this process may use.
    min_alpha : float, default 0.0001
        Learning rate at the last word.
    sg : {0, 1}, default 0
        1 for skip-gram, 0 for CBOW.
    hs : {0, 1}, default 0
        1 for hierarchical softmax; beside noise words, unless ``negative=0``.
    negative : int, default 5
        Noise words for each word that is trained; at most 100. 0 for none, with ``hs=1``. See also
        `objective`.
    ns_exponent : float, default 0.75
        Noise words are drawn in proportion to counts ** ns_exponent.
    cbow_mean : {0, 1}, default 1
        CBOW: 1 for the mean of the context's vectors, 0 for their sum.
    hashfxn, null_word, sorted_vocab, batch_words
        No effect; gensim's. A UserWarning tells of those that ask for something else than there is.
    epochs : int, default 5
        How often the corpus is read.
    trim_rule : callable, optional
        Called with each word, its count and the least count; `RULE_KEEP` or `RULE_DISCARD` of
        `fastw2v.trimming` decide about the word, `RULE_DEFAULT` or None leave it to the count.
    compute_loss : bool, default False
        Record the loss of each epoch in `loss_history`; training takes 6 to 9 % longer.
    callbacks : sequence of objects, default ()
        Told of the training, which they can end: see `fastw2v.callbacks.CallbackAny2Vec`.
    comment : str, optional
        Any text; it is saved with the model.
    max_final_vocab : int, optional
        Keep at most so many words, the most frequent ones.
    shrink_windows : bool, default True
        Draw the window's size for each word, from 1 to `window`; False uses `window` itself.
    cbow_gradient : {"word2vec", "exact"}, default "word2vec"
        CBOW: each word of a context learns the whole error of the mean, as in gensim, or the error
        over their number, as the gradient has it; of the sum, gensim divides the error.
    vectors : {"input", "output", "mean"}, default "input"
        What `wv` shows: W, W', or their mean, which is made at the end of each epoch.
    init_vectors : KeyedVectors, str or Path, optional
        Vectors to start from, or a file of them: known words begin with theirs in W.
    freeze : bool, iterable of words, mapping of word to float, or ndarray of float, optional
        Hold rows of W back. True: those of known words of `init_vectors` stay as they are. Words:
        theirs do. A mapping, or an array with a number for each key of `init_vectors`: what their
        learning rate is multiplied with. The factors of all rows are ``wv.vectors_lockf``, which
        may be set between trainings.
    checkpoint : str or Path, optional
        A file that the training is written to while it goes on, and when it has ended; `resume`
        continues from there after a crash. Memory holds the matrices twice while it is written.
    checkpoint_every : float, default 600
        Seconds from one checkpoint to the next.
    objective : {None, "softmax"}, optional
        What vectors learn to do. Default: to tell a word from noise words (negative sampling).
        ``"softmax"``: to predict it among all words, p(word | context) = softmax(W'(Wx + b) + b')
        with biases and no activation; for vocabularies of at most 100,000 words, because the time
        of a step grows with them. There are no noise words then: leave `negative` out. The vectors
        are the same for any number of threads.
    deterministic : bool, default False
        True: with several threads, too, the same seed, corpus and `workers` give the same vectors,
        bit for bit, on one instruction set; other `workers` give others. Each thread trains a copy
        of the matrices for some thousand words; then all wait, and what they have learned is merged
        in a fixed order. That takes longer, the more so the more threads there are, and the memory
        of 1 + `workers` models. N threads want 4 x N x N million words, those of all epochs: fewer
        train a smaller run, or a single one. With ``workers=1`` or ``objective="softmax"`` it
        changes nothing.
    progress : bool, optional
        Show progress on stderr: always (True), never (False), or when it is a terminal or notebook
        and the work takes over two seconds (None, the default).

    Attributes
    ----------
    wv : KeyedVectors
        The vectors (W, the input matrix, but for `vectors`); they move while training goes on. It
        stays the same object, whatever becomes of the vocabulary.
    context_vectors : KeyedVectors
        The vectors of the words as context (W', the output matrix).
    vocabulary : Vocabulary
        The words and their counts.
    corpus_count, corpus_total_words : int
        Sentences and words of the corpus that was last given to `build_vocab`.
    effective_min_count : int
        How often a word had to occur to stay.
    raw_vocab : dict
        Counts of all words, if ``keep_raw_vocab=True`` was given to `build_vocab`.
    loss_history : list of float
        For each epoch trained with `compute_loss`: the mean, over the training pairs, of
        -log sigma(u_o . v) - sum over the noise words of log sigma(-u_n . v), of -log P(word) with
        ``hs=1``, or of the sum of both; with ``objective="softmax"`` of -log P(word). A pair is a
        word and a word of its context (skip-gram), or a word and its context (CBOW).
    hidden_bias, output_bias : ndarray of float32 or None
        With ``objective="softmax"``: b, (vector_size,), and b', a number for each word.
    total_train_time : float
        Seconds.
    train_count : int
        Calls of `train`.
    min_alpha_yet_reached : float
        The lowest learning rate so far.

    Raises
    ------
    TypeError, ValueError
        An argument is not what it should be; raised before anything is read.

    Notes
    -----
    Skip-gram and CBOW are from Mikolov et al. 2013, "Efficient Estimation of Word Representations
    in Vector Space"; negative sampling is equation 4 of Mikolov et al. 2013, "Distributed
    Representations of Words and Phrases and their Compositionality", and hierarchical softmax its
    section 2.1. A window shares its noise words, as in Ji et al. 2016, and so do up to eight
    windows, far from each other. Where CBOW adds the error of the context's vector to each of its
    words undivided, it does not if a word is so frequent that it fills the window.

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
        vector_size: int = 100,
        alpha: float | None = None,
        window: int = 5,
        min_count: int = 5,
        max_vocab_size: int | None = None,
        sample: float = 1e-3,
        seed: int = 1,
        workers: int | None = None,
        min_alpha: float = 1e-4,
        sg: int = 0,
        hs: int = 0,
        negative: int = 5,
        ns_exponent: float = 0.75,
        cbow_mean: int = 1,
        hashfxn: Callable[..., int] | None = None,
        epochs: int = 5,
        null_word: int = 0,
        trim_rule: TrimRule | None = None,
        sorted_vocab: int = 1,
        batch_words: int = 10_000,
        compute_loss: bool = False,
        callbacks: Sequence[object] = (),
        comment: str | None = None,
        max_final_vocab: int | None = None,
        shrink_windows: bool = True,
        *,
        cbow_gradient: str = "word2vec",
        vectors: str = "input",
        init_vectors: KeyedVectors | StrPath | None = None,
        freeze: Freeze | None = None,
        checkpoint: StrPath | None = None,
        checkpoint_every: float = 600.0,
        objective: str | None = None,
        deterministic: bool = False,
        progress: bool | None = None,
        corpus_iterable: object = None,
        size: int | None = None,
        iter: int | None = None,
    ) -> None:
        vector_size = renamed("size", size, "vector_size", vector_size, 100)
        epochs = renamed("iter", iter, "epochs", epochs, 5)
        tell_of_no_effect(hashfxn, null_word, sorted_vocab)
        super().__init__(check_int("vector_size", vector_size, 1, VECTOR_SIZE_MAX), seed, vectors)
        self.min_count = check_int("min_count", min_count, 0)
        self.max_final_vocab = check_limit("max_final_vocab", max_final_vocab)
        self.max_vocab_size = check_limit("max_vocab_size", max_vocab_size)
        self.alpha = default_alpha(sg, cbow_gradient) if alpha is None else alpha
        self.min_alpha = min_alpha
        self.window = window
        self.sample = sample
        self.workers = cpu.usable_cores() if workers is None else workers
        self.sg = sg
        self.hs = hs
        self.negative = negative
        self.objective = objective
        self.deterministic = deterministic
        self.ns_exponent = ns_exponent
        self.cbow_mean = cbow_mean
        self.cbow_gradient = cbow_gradient
        self.epochs = epochs
        self.shrink_windows = shrink_windows
        self.compute_loss = compute_loss
        self.callbacks = check_callbacks(callbacks)
        self.trim_rule = check_rule(trim_rule)
        if not isinstance(comment, str | None):
            raise TypeError(f"comment must be a str, got {comment!r}")
        self.comment = comment
        self.checkpoint = check_path("checkpoint", checkpoint)
        self.checkpoint_every = check_float("checkpoint_every", checkpoint_every, 0.0)
        self.progress = None if progress is None else check_flag("progress", progress)
        # As checked: plain numbers, whatever kind of number was given.
        parameters = self._parameters()
        vars(self).update(dataclasses.asdict(parameters))
        parameters.warn_of_both(stacklevel=3)
        self._forget_training()

        source = one_source(sentences, corpus_file, corpus_iterable)
        if init_vectors is not None or freeze is not None:
            self._warm_start = WarmStart(init_vectors, freeze, self.vector_size)
        if source is not None:
            if self.checkpoint is not None:
                check_writable(self.checkpoint)
            self.build_vocab(source)
            self.train()

    def __repr__(self) -> str:
        words = f"{len(self._vocabulary):,} words" if self._vocabulary else "no vocabulary yet"
        kind = "skip-gram" if self.sg else "CBOW"
        return f"<Word2Vec: {kind}, {words}, vector_size={self.vector_size}, alpha={self.alpha}>"
