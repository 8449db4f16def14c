"""The part of `Word2Vec` that saves and loads models."""

from __future__ import annotations

import copy
import dataclasses
import warnings
from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, TypeVar, cast

from fastw2v import modelfile
from fastw2v._checks import check_float
from fastw2v._gensim.model import load_model, to_gensim
from fastw2v._gensim.reader import is_meant
from fastw2v._keyed.nativefiles import attribute_arrays, attributes_of
from fastw2v._model.wordmodel import WordModel
from fastw2v._typing import Array, StrPath
from fastw2v.checkpoint import Write
from fastw2v.errors import blame
from fastw2v.parameters import Parameters

Method = TypeVar("Method")
Model = TypeVar("Model", bound="ModelFiles")

_SETTINGS = (
    *(field.name for field in dataclasses.fields(Parameters)),
    *("vector_size", "min_count", "max_final_vocab", "max_vocab_size", "vectors", "comment"),
)
_RESULTS = (
    *("corpus_count", "corpus_total_words", "effective_min_count"),
    *("total_train_time", "train_count", "min_alpha_yet_reached"),
    *("loss_history", "running_training_loss"),
)


class _ClassOnly(classmethod):  # type: ignore[type-arg]
    """A class method that an object does not have, for it would not change the object."""

    def __get__(self, instance: object, owner: Any = None) -> Any:
        if instance is not None:
            name = type(instance).__name__
            method = self.__func__.__name__
            raise AttributeError(f"{method} makes a new model: write model = {name}.{method}(path)")
        return super().__get__(instance, owner)


def class_only(method: Method) -> Method:
    return cast(Method, _ClassOnly(cast(Any, method).__func__))


class ModelFiles(WordModel):
    """A model in files."""

    def save(
        self,
        fname: StrPath,
        separately: object = None,
        sep_limit: int = 10 * 1024**2,
        ignore: Collection[str] = frozenset(),
        pickle_protocol: int | None = None,
    ) -> None:
        """Write the model, both matrices included, to one file (safetensors; no pickle).

        Functions are not saved: `callbacks` and `trim_rule`; nor is the corpus.

        Parameters
        ----------
        fname : str or Path
            The file. It is replaced only once the new one is complete.
        separately, sep_limit, ignore, pickle_protocol
            No effect; gensim's.

        Raises
        ------
        RuntimeError
            There is no vocabulary yet.
        ValueError
            A vector is not finite, an attribute of `wv` holds objects that no file can, or the
            model was changed by hand so that its parts do not fit.
        OSError
            The file cannot be written.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> from fastw2v.word2vec import Word2Vec
        >>> Word2Vec([["나는", "달린다"]], min_count=1, sample=0).save(mkdtemp() + "/model")
        """
        modelfile.write(fname, self._settings(), self.vocabulary, self._filed())

    def _copy(self, fname: StrPath, run: Mapping[str, Any]) -> Write:
        """Copy the model as it is now; return what writes the copy to a file, and of what run."""
        settings = copy.deepcopy(self._settings())
        arrays = {name: array.copy() for name, array in self._filed().items()}
        return partial(modelfile.write, fname, settings, self.vocabulary, arrays, run)

    def _filed(self) -> dict[str, Array]:
        """Return the arrays of a file: those of `_arrays`, and the attributes of `wv`."""
        return self._arrays() | attribute_arrays(self.wv._attributes())

    def _settings(self) -> dict[str, Any]:
        """Return all that is saved beside arrays and words."""
        settings = {name: getattr(self, name) for name in _SETTINGS + _RESULTS}
        return settings | dataclasses.asdict(self._parameters())

    @class_only
    @classmethod
    def load(
        cls: type[Model], fname: StrPath, mmap: str | None = None, *, allow_gensim: bool = False
    ) -> Model:
        """Read what `save` wrote; training can go on, given a corpus.

        Parameters
        ----------
        fname : str or Path
            The file.
        mmap : str, optional
            No effect; gensim's. `KeyedVectors` are what is mapped into memory.
        allow_gensim : bool, default False
            Whether to read what gensim's `save` wrote, too. Such files are pickles; nothing that
            they name is imported or run.

        Returns
        -------
        Word2Vec

        Raises
        ------
        FormatError
            The file is damaged, or holds something else.
        OSError
            The file cannot be opened.
        AttributeError
            It is called on a model instead of the class.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> from fastw2v.word2vec import Word2Vec
        >>> path = mkdtemp() + "/model.safetensors"
        >>> Word2Vec([["나는", "달린다"]], min_count=1, sample=0).save(path)
        >>> Word2Vec.load(path)
        <Word2Vec: CBOW, 2 words, vector_size=100, alpha=0.05>
        """
        if is_meant(fname, allow_gensim):
            return cast(Model, load_model(cast(Any, cls), fname))
        return cls._of_saved(fname, modelfile.read(fname))

    @classmethod
    def _of_saved(cls: type[Model], fname: StrPath, saved: modelfile.SavedModel) -> Model:
        with blame(fname, modelfile.DAMAGED), warnings.catch_warnings():
            # Its maker has been told.
            warnings.filterwarnings("ignore", "hs=1 and negative=")
            settings = {name: saved.settings[name] for name in _SETTINGS}
            model = cast(Any, cls)(**settings)
            model._restore(saved.vocabulary, saved.arrays)
            model.wv.expandos.update(attributes_of(saved.arrays, len(saved.vocabulary)))
            for name in _RESULTS:
                value = saved.settings[name]
                for number in value if name == "loss_history" else [value]:
                    if number is not None or name != "effective_min_count":
                        check_float(name, number, 0.0)
                setattr(model, name, value)
        return cast(Model, model)

    to_gensim = to_gensim
