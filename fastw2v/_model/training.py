"""The part of `Word2Vec` that trains."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

from fastw2v._checks import check_float, check_path
from fastw2v._files import check_writable
from fastw2v._model.files import ModelFiles
from fastw2v._model.vocabulary import ModelVocabulary, one_source
from fastw2v._training.rounds import RoundsRun, limit_workers
from fastw2v._typing import StrPath
from fastw2v.callbacks import call, check_callbacks
from fastw2v.checkpoint import Checkpoints, Write, describe_run, fingerprint
from fastw2v.corpus import Corpus
from fastw2v.parameters import Parameters
from fastw2v.softmax import SoftmaxRun
from fastw2v.training import START, Place, Run


class ModelTraining(ModelVocabulary, ModelFiles):
    """A model that is trained; `fastw2v.word2vec.Word2Vec` sets the parameters."""

    def train(
        self,
        corpus_iterable: object = None,
        corpus_file: StrPath | None = None,
        total_examples: int | None = None,
        total_words: int | None = None,
        epochs: int | None = None,
        start_alpha: float | None = None,
        end_alpha: float | None = None,
        word_count: int = 0,
        queue_factor: int = 2,
        report_delay: float = 1.0,
        compute_loss: bool | None = None,
        callbacks: Sequence[object] | None = (),
        *,
        sentences: object = None,
        checkpoint: StrPath | None = None,
        checkpoint_every: float | None = None,
    ) -> tuple[int, int]:
        """Train the vectors; a RuntimeWarning tells if nothing was learned.

        Each call lets the learning rate fall from its start to its end anew.

        Parameters
        ----------
        corpus_iterable : Corpus, or any source of one, optional
            What to train on. Default: what `build_vocab` read. The same source is not read again:
            the same files, unless their size or time has changed, or the same object, unless its
            length or, of a list, its sentences are others. `sentences` is another name for it.
        corpus_file : str or Path, optional
            The same for a path; give at most one of the two.
        total_examples, total_words : int, optional
            Sentences and words of the corpus, where they are known. They are not needed, for the
            corpus is counted when it is read; a RuntimeWarning tells if they are others.
        epochs, start_alpha, end_alpha, compute_loss : optional
            For this call; default: those of the model (`alpha` and `min_alpha` for the rates).
        word_count, queue_factor, report_delay
            No effect; gensim's.
        callbacks : sequence of objects, optional
            For this call; default: those of the model. See `fastw2v.callbacks`.
        checkpoint : str or Path, optional
            For this call; default: that of the model. A file that the training is written to while
            it goes on, and in the end, for `Word2Vec.resume` to continue it after a crash.
        checkpoint_every : float, optional
            Seconds from one writing to the next. For this call; default: that of the model.

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
            An argument is not what it should be, the vocabulary has no word of the corpus, or a
            vector holds NaN, or a number that no training makes.
        KeyboardInterrupt
            On Ctrl-C, within a second; the vectors are then as trained so far.
        FloatingPointError
            The vectors grow without bound: the learning rate is too high.

        Warns
        -----
        RuntimeWarning
            Nothing was learned; the loss of an epoch is far above that of vectors that have learned
            nothing; a total is wrong; or the learning rate starts above that of an earlier call,
            which shakes what was learned.

        Examples
        --------
        >>> from fastw2v.word2vec import Word2Vec
        >>> model = Word2Vec(min_count=1, sample=0)
        >>> model.build_vocab([["나는", "사과를", "먹었다"], ["나는", "달린다"]])
        >>> model.train(epochs=2)
        (10, 10)
        """
        _ = self.vocabulary  # without one, nothing below makes sense
        parameters = self._parameters_of_call(epochs, start_alpha, end_alpha, compute_loss)
        hooks = check_callbacks(callbacks or ()) or self.callbacks
        totals = {"total_examples": total_examples, "total_words": total_words}
        for name, total in totals.items():
            if total is not None:
                check_float(name, total, 0.0)
        path = self.checkpoint if checkpoint is None else check_path("checkpoint", checkpoint)
        seconds = self.checkpoint_every if checkpoint_every is None else checkpoint_every
        check_float("checkpoint_every", seconds, 0.0)
        if path is not None:
            check_writable(path)
        source = one_source(corpus_iterable, corpus_file, sentences)
        corpus = self._corpus
        if source is not None and not (corpus and corpus.is_from(source)):
            corpus = self._read(source)
        if corpus is None:
            raise RuntimeError(
                "there is no corpus to train on: pass one to train(), or call build_vocab first"
            )
        _check_totals(corpus, total_examples, total_words)
        self._check_rows()
        self._note_start(parameters)
        self.running_training_loss = 0.0
        return self._train(corpus, parameters, hooks, START, path, seconds)

    def _train(
        self,
        corpus: Corpus,
        parameters: Parameters,
        hooks: Sequence[object],
        start: Place,
        checkpoint: StrPath | None,
        checkpoint_every: float,
        seen: Mapping[str, Any] | None = None,
    ) -> tuple[int, int]:
        """Train from a place on, all arguments being checked.

        `seen` is the `fingerprint` of the corpus, where it has been taken already.
        """
        vocabulary, run = self.vocabulary, self._new_run(corpus, parameters)
        epochs_done, pairs_done = start.epoch, start.pairs_before
        clock = time.perf_counter()

        def note_time() -> None:
            nonlocal clock
            before, clock = clock, time.perf_counter()
            self.total_train_time += clock - before

        def after_epoch(loss: float) -> bool:
            nonlocal epochs_done, pairs_done
            epochs_done += 1
            fall = (parameters.alpha - parameters.min_alpha) * epochs_done / parameters.epochs
            self.min_alpha_yet_reached = min(self.min_alpha_yet_reached, parameters.alpha - fall)
            if parameters.compute_loss:
                self.loss_history.append(loss)
                pairs, pairs_done = run.pairs - pairs_done, run.pairs
                self.running_training_loss += loss * pairs if pairs else 0.0
            self._refresh()
            return tell("on_epoch_end")

        def tell(hook: str) -> bool:
            wants_stop = call(hooks, hook, self)
            if self._vocabulary is not vocabulary:
                raise RuntimeError("a callback has given other words to the model that trains")
            return wants_stop

        with ExitStack() as stack:
            rests = None
            if checkpoint is not None:
                path = checkpoint
                self._filed()  # tells now of attributes that no file can hold
                seen = fingerprint(corpus, vocabulary) if seen is None else seen
                known = describe_run(parameters, checkpoint_every, corpus.files, seen)

                def copy(place: Place) -> Write:
                    note_time()
                    return self._copy(path, {**known, "place": place._asdict()})

                rests = stack.enter_context(Checkpoints(path, checkpoint_every, copy))
            tell("on_train_begin")
            try:
                words = run.train(
                    self.progress,
                    partial(tell, "on_epoch_begin"),
                    after_epoch,
                    start=start,
                    rests=rests,
                )
            finally:
                self._refresh()
                note_time()
        self.train_count += 1
        call(hooks, "on_train_end", self)
        return words

    def _new_run(self, corpus: Corpus, parameters: Parameters) -> Run:
        factors = self._lock_factors()
        parts = corpus, self.vocabulary, self._inputs, self._outputs
        if parameters.objective is None:
            if parameters.deterministic:
                parameters = limit_workers(corpus, parameters)
            # One thread has nobody to wait for.
            kind = RoundsRun if parameters.deterministic and parameters.workers > 1 else Run
            return kind(*parts, parameters, self._nodes_of(parameters), factors)
        if self._biases is None:
            raise RuntimeError(
                "objective='softmax' needs biases, which the model was started without: call "
                "build_vocab again, or set objective back"
            )
        return SoftmaxRun(*parts, self._biases, self.vector_size, parameters, factors)

    def get_latest_training_loss(self) -> float:
        """Return the loss of the last, or present, call of `train`, summed over its pairs so far.

        Returns
        -------
        float
            It grows from epoch to epoch, as gensim's does; 0.0 if `compute_loss` is not set.
            `loss_history` has the mean of each epoch, which falls as the model learns.

        Examples
        --------
        >>> from fastw2v.word2vec import Word2Vec
        >>> text = [["나는", "사과를", "먹었다"]] * 20
        >>> model = Word2Vec(text, sample=0, compute_loss=True, epochs=2)
        >>> first, second = model.loss_history
        >>> first > second, round(model.get_latest_training_loss() / (60 * (first + second)), 6)
        (True, 1.0)
        """
        return self.running_training_loss

    def _parameters_of_call(
        self,
        epochs: int | None,
        start_alpha: float | None,
        end_alpha: float | None,
        compute_loss: bool | None,
    ) -> Parameters:
        given = {
            "epochs": epochs,
            "alpha": start_alpha,
            "min_alpha": end_alpha,
            "compute_loss": compute_loss,
        }
        if start_alpha is not None:
            check_float("start_alpha", start_alpha, 0.0, exclusive=True)
        if end_alpha is not None:
            check_float("end_alpha", end_alpha, 0.0)
        return self._parameters(
            **{name: value for name, value in given.items() if value is not None}
        )

    def _note_start(self, parameters: Parameters) -> None:
        """Remember the learning rate that a call starts with, and warn if it has risen."""
        if parameters.alpha > self._least_start_alpha:
            warnings.warn(
                f"alpha starts at {parameters.alpha:g}, higher than in an earlier call "
                f"({self._least_start_alpha:g}): that shakes what was learned; pass a lower "
                "start_alpha to train on gently",
                RuntimeWarning,
                stacklevel=3,
            )
        self._least_start_alpha = min(self._least_start_alpha, parameters.alpha)


def _check_totals(corpus: Corpus, total_examples: int | None, total_words: int | None) -> None:
    """Warn of totals that are not those of the corpus; 0 is what an unknown one may be."""
    totals = (
        ("total_examples", total_examples, len(corpus), "sentences"),
        ("total_words", total_words, corpus.total_words, "words"),
    )
    for name, given, found, unit in totals:
        if given is not None and given not in (0, found):
            warnings.warn(
                f"{name}={given}, yet the corpus has {found} {unit}; the learning rate follows "
                "the corpus, so leave the argument out",
                RuntimeWarning,
                stacklevel=3,
            )
