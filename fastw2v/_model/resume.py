"""The part of `Word2Vec` that continues a training from its checkpoint."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from typing import Any, TypeVar

from fastw2v import modelfile
from fastw2v._checks import check_float
from fastw2v._model.files import class_only
from fastw2v._model.training import ModelTraining
from fastw2v._typing import StrPath
from fastw2v.callbacks import check_callbacks
from fastw2v.checkpoint import fingerprint, read_fingerprint, read_place
from fastw2v.errors import FormatError, blame
from fastw2v.parameters import Parameters
from fastw2v.training import WrongPlace

Model = TypeVar("Model", bound="ModelResume")


class ModelResume(ModelTraining):
    """A model whose training can be continued."""

    @class_only
    @classmethod
    def resume(
        cls: type[Model],
        path: StrPath,
        source: object = None,
        *,
        callbacks: Sequence[object] = (),
        progress: bool | None = None,
    ) -> Model:
        """Go on with a training from its checkpoint, to its end.

        It goes on at the same word with the same learning rate, and writes checkpoints to the same
        file, as often as before. With ``workers=1`` or ``deterministic=True`` the vectors end as if
        nothing had happened, bit for bit. A checkpoint of a training that has ended gives its model
        at once; `load` reads any checkpoint as a model, without training.

        Parameters
        ----------
        path : str or Path
            What `train` has written as its `checkpoint`.
        source : Corpus, or any source of one, optional
            What was trained on. Default: the text files that were, read as by default.
        callbacks : sequence of objects, default ()
            See `fastw2v.callbacks`; those of the first part are not in the file.
        progress : bool, optional
            As for `Word2Vec`.

        Returns
        -------
        Word2Vec
            The model, trained to the end.

        Raises
        ------
        FormatError
            The file is damaged, or no checkpoint.
        OSError
            It, or a file of the corpus, cannot be opened.
        TypeError
            There is no source, and the corpus was not of text files.
        ValueError
            The source is not what was trained on; the message tells what differs.
        AttributeError
            It is called on a model instead of the class.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> from fastw2v.word2vec import Word2Vec
        >>> path = mkdtemp() + "/checkpoint.safetensors"
        >>> text = [["나는", "사과를", "먹었다"]] * 20
        >>> model = Word2Vec(text, sample=0, checkpoint=path)
        >>> resumed = Word2Vec.resume(path, text)
        >>> bool((resumed.wv.vectors == model.wv.vectors).all())
        True
        """
        hooks = check_callbacks(callbacks)
        saved = modelfile.read(path)
        run = saved.run
        if run is None:
            raise FormatError(path, "a model, and no checkpoint: Word2Vec.load reads it")
        model = cls._of_saved(path, saved)
        model.callbacks, model.progress = hooks, progress
        with blame(path, modelfile.DAMAGED):
            parameters, place = Parameters(**run["parameters"]), read_place(run["place"])
            seconds = check_float("checkpoint_every", run["checkpoint_every"], 0.0)
            files, wanted = _as_files(run["files"]), read_fingerprint(run["corpus"])
        model.checkpoint, model.checkpoint_every = os.fspath(path), seconds
        if place.epoch >= parameters.epochs:
            model.train_count += 1
            return model
        if source is None and files is None:
            raise TypeError(
                f"{path} is of a corpus that was not text files: pass it, as Word2Vec.resume(path, "
                "source)"
            )
        for file in () if source is not None or files is None else files:
            if not os.path.exists(file):
                message = (
                    "the text of this checkpoint is not there any more; if it has been moved, pass "
                    "it, as Word2Vec.resume(path, source)"
                )
                raise FileNotFoundError(errno.ENOENT, message, file)
        corpus = model._read(files if source is None else source)
        found = fingerprint(corpus, model.vocabulary)
        _check_same(path, wanted, found)
        model._corpus = corpus
        try:
            model._train(corpus, parameters, hooks, place, path, seconds, found)
        except WrongPlace as error:
            raise FormatError(path, f"{modelfile.DAMAGED}: {error}") from None
        return model


def _as_files(files: object) -> list[str] | None:
    """Return the names of files that a checkpoint tells; TypeError if they are none."""
    if files is None:
        return None
    if not isinstance(files, list) or not files or not all(isinstance(one, str) for one in files):
        raise TypeError("its files are no list of names")
    return files


def _check_same(path: StrPath, wanted: dict[str, Any], found: dict[str, Any]) -> None:
    """Raise ValueError if a corpus is not the one that a checkpoint is of."""
    name = next((name for name in found if wanted[name] != found[name]), None)
    if name is not None:
        if name == "checksum":
            what = "other tokens"
        else:
            what = f"{found[name]:,} {name} instead of {wanted[name]:,}"
        raise ValueError(
            f"source must be the corpus that {path} was trained on, read in the same way; this one "
            f"has {what}"
        )
