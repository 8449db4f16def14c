"""Embedding layers in files: the table, its words and the settings, in one safetensors file."""

from __future__ import annotations

import json
from typing import Any, ClassVar, TypeVar

from fastw2v._embedding.pretrained import Pretrained
from fastw2v._typing import Array, StrPath
from fastw2v.errors import FormatError, blame
from fastw2v.safetensors import pack_keys, read_arrays, unpack_keys, write_arrays

Layer = TypeVar("Layer", bound="Filed")

_FORMAT = "fastw2v-embedding-1"
_SETTINGS = ("mask_zero", "padding_idx", "max_norm", "scale_grad_by_freq", "seed", "unknown")


class Filed(Pretrained):
    """A table that is saved and loaded."""

    # What a subclass has beside the arguments of a table: so files hold it as well.
    _own_settings: ClassVar[tuple[str, ...]] = ()

    def save(self, path: StrPath) -> None:
        """Write the layer to one safetensors file.

        What an optimizer keeps for it is not in there.

        Parameters
        ----------
        path : str or os.PathLike
            The file. It is replaced only once the new one is complete.

        Raises
        ------
        OSError
            The file cannot be written.

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
        # Widest items first: so each array in the file is aligned to its item size.
        widest_first = dict(sorted(arrays.items(), key=lambda item: -item[1].itemsize))
        metadata = {"layer": type(self).__name__, "settings": json.dumps(settings)}
        write_arrays(path, widest_first, {"format": _FORMAT, **metadata})

    @classmethod
    def load(cls: type[Layer], path: StrPath) -> Layer:
        """Read what `save` wrote.

        Parameters
        ----------
        path : str or os.PathLike

        Returns
        -------
        Embedding or EmbeddingBag

        Raises
        ------
        FormatError
            The file is damaged, or holds something else.
        OSError
            The file cannot be opened.
        """
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
            return cls(
                n_rows,
                output_dim,
                weights=arrays["embeddings"],
                trainable=trainable,
                vocabulary=unpack_keys(arrays) if has_words else None,
                **own,
            )
