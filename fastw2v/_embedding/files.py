"""Embedding layers in files: the table, its words and the settings, in one safetensors file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from fastw2v._embedding.optimizer import Optimizer, State, check_optimizer
from fastw2v._embedding.pretrained import Pretrained
from fastw2v._typing import Array, StrPath
from fastw2v.errors import FormatError, blame
from fastw2v.safetensors import pack_keys, read_arrays, unpack_keys, write_arrays

Layer = TypeVar("Layer", bound="Filed")

_STATE = "optimizer."  # before the names of its arrays
_FORMAT = "fastw2v-embedding-1"
_SETTINGS = ("mask_zero", "padding_idx", "max_norm", "scale_grad_by_freq", "seed", "unknown")


class Filed(Pretrained):
    """A table that is saved and loaded."""

    # What a subclass has beside the arguments of a table: so files hold it as well.
    _own_settings: ClassVar[tuple[str, ...]] = ()

    def __repr__(self) -> str:
        """Return the sizes, and what is not as it is by default."""
        shown = [str(self.input_dim), str(self.output_dim)]
        for name in (*self._own_settings, "mask_zero", "padding_idx", "max_norm"):
            value = getattr(self, name)
            if value is not None and value is not False:
                shown.append(f"{name}={value!r}")
        if self.trainable is not True:
            shown.append(f"trainable={'some rows' if self.trainable is not False else False}")
        if self.words is not None:
            shown.append(f"vocabulary={len(self.words):,} words, unknown={self.unknown!r}")
        return f"{type(self).__name__}({', '.join(shown)})"

    def save(self, path: StrPath, optimizer: Optimizer | None = None) -> None:
        """Write the layer to one safetensors file.

        Parameters
        ----------
        path : str or os.PathLike
            The file. It is replaced only once the new one is complete.
        optimizer : Optimizer, optional
            What it keeps for the layer is written as well, so that training can go on; its
            settings are not.

        Raises
        ------
        OSError
            The file cannot be written.
        TypeError
            `optimizer` is none.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> from fastw2v import Embedding
        >>> path = mkdtemp() + "/layer.safetensors"
        >>> Embedding.from_vocabulary(["왕", "여왕"], 4).save(path)
        >>> Embedding.load(path).words
        ['왕', '여왕']
        """
        arrays: dict[str, Array] = {} if self.words is None else pack_keys(self.words)
        arrays["embeddings"] = self.embeddings
        settings = {name: getattr(self, name) for name in _SETTINGS + self._own_settings}
        if isinstance(self.trainable, bool):
            settings["trainable"] = self.trainable
        else:
            arrays["trainable"] = self.trainable
        if optimizer is not None:
            check_optimizer(optimizer)
            state = optimizer.state(self)._asdict()
            arrays |= {_STATE + name: table for name, table in state.items() if table is not None}
            settings["optimizer"] = _kind_of(optimizer)
            settings["iterations"] = optimizer.iterations(self)
        # Widest items first: so each array in the file is aligned to its item size.
        widest_first = dict(sorted(arrays.items(), key=lambda item: -item[1].itemsize))
        metadata = {"layer": type(self).__name__, "settings": json.dumps(settings)}
        write_arrays(path, widest_first, {"format": _FORMAT, **metadata})

    @classmethod
    def load(cls: type[Layer], path: StrPath, optimizer: Optimizer | None = None) -> Layer:
        """Read what `save` wrote.

        Parameters
        ----------
        path : str or os.PathLike
        optimizer : Optimizer, optional
            It goes on from the state in the file; make it with the settings of the one that was
            saved.

        Returns
        -------
        Embedding or EmbeddingBag

        Raises
        ------
        FormatError
            The file is damaged, or holds something else, or no state of such an optimizer.
        OSError
            The file cannot be opened.
        TypeError
            `optimizer` is none.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> from fastw2v import Embedding
        >>> from fastw2v.embedding import Adam
        >>> layer, adam, path = Embedding(3, 2), Adam(), mkdtemp() + "/layer.safetensors"
        >>> layer.step([1], [[1.0, 1.0]], adam)
        >>> layer.save(path, adam)
        >>> adam = Adam()
        >>> layer = Embedding.load(path, adam)
        >>> adam.iterations(layer)
        1
        """
        if optimizer is not None:
            check_optimizer(optimizer)
        arrays, metadata = read_arrays(path)
        if metadata.get("format") != _FORMAT or metadata.get("layer") != cls.__name__:
            raise FormatError(
                path, f"not a layer of {cls.__name__}; vectors are read by KeyedVectors.load"
            )
        with blame(path, "a damaged layer"):
            settings = json.loads(metadata["settings"])
            own = {name: settings[name] for name in _SETTINGS + cls._own_settings}
            trainable: Any = arrays["trainable"] if "trainable" in arrays else settings["trainable"]
            has_words = "key_ids" in arrays or "key_ends" in arrays
            n_rows, output_dim = arrays["embeddings"].shape
            layer = cls(
                n_rows,
                output_dim,
                weights=arrays["embeddings"],
                trainable=trainable,
                vocabulary=unpack_keys(arrays) if has_words else None,
                **own,
            )
        if optimizer is not None:
            with blame(path, "no state of this optimizer"):
                _restore(optimizer, layer, arrays, settings)
        return layer


def _kind_of(optimizer: Optimizer) -> str:
    """Return by what its state is told from that of others: momenta depend on the formula."""
    return f"{type(optimizer).__name__}(formula={optimizer.formula!r})"


def _restore(
    optimizer: Optimizer, layer: Filed, arrays: Mapping[str, Array], settings: dict[str, Any]
) -> None:
    saved, kind = settings.get("optimizer"), _kind_of(optimizer)
    if saved is None:
        raise ValueError("it was saved without one; use layer.save(path, optimizer)")
    if saved != kind:
        raise ValueError(f"it is of {saved}, got {kind}")
    state = State(*(arrays.get(_STATE + name) for name in State._fields))
    optimizer.restore(layer, state, settings["iterations"])
