"""Tables handed to Keras and PyTorch, and taken from there; each is imported when it is used."""

from __future__ import annotations

import importlib
from typing import Any, ClassVar, TypeVar

import numpy as np

from fastw2v._embedding.files import Filed
from fastw2v._embedding.table import Table

Layer = TypeVar("Layer", bound="Exchanged")


class Exchanged(Filed):
    """A table that PyTorch has a module for."""

    _torch_class: ClassVar[str] = "Embedding"  # of torch.nn

    def to_torch(self, sparse: bool = False) -> Any:
        """Return a PyTorch module with a copy of the table. It knows ids, and no words.

        PyTorch has no mask: `compute_mask` of this layer goes on to tell it.

        Parameters
        ----------
        sparse : bool, default False
            Whether its gradient shall be a sparse tensor.

        Returns
        -------
        torch.nn.Embedding or torch.nn.EmbeddingBag

        Raises
        ------
        ImportError
            PyTorch is not installed: ``pip install 'fastw2v[torch]'``.
        ValueError
            Some rows learn and some do not, which PyTorch has not.

        Examples
        --------
        >>> Embedding(9, 2).to_torch().embedding_dim  # doctest: +SKIP
        2
        """
        freeze = not _trains(self, "PyTorch")
        torch = _import_framework("torch", "to_torch")
        return getattr(torch.nn, self._torch_class).from_pretrained(
            torch.from_numpy(self.embeddings.copy()),
            freeze=freeze,
            padding_idx=self.padding_idx,
            max_norm=self.max_norm,
            scale_grad_by_freq=self.scale_grad_by_freq,
            sparse=sparse,
            **{name: getattr(self, name) for name in self._own_settings},
        )

    @classmethod
    def from_torch(cls: type[Layer], module: Any, **settings: Any) -> Layer:
        """Make a layer of a PyTorch module, whose table is copied.

        Parameters
        ----------
        module : torch.nn.Embedding, or torch.nn.EmbeddingBag for an `EmbeddingBag`
        **settings
            As of the constructor, above all a `vocabulary`.

        Returns
        -------
        Embedding or EmbeddingBag

        Raises
        ------
        TypeError
            The module is none of these.
        ValueError
            It has what the layer has not: a `norm_type` other than 2, or `include_last_offset`.

        Examples
        --------
        >>> Embedding.from_torch(model.embedding, vocabulary=words)  # doctest: +SKIP
        """
        own = (*cls._own_settings, "padding_idx", "max_norm", "scale_grad_by_freq")
        if not all(hasattr(module, name) for name in (*own, "weight", "norm_type")):
            raise TypeError(
                f"module must be a torch.nn.{cls._torch_class}, got {type(module).__name__}"
            )
        if module.max_norm is not None and module.norm_type != 2:
            raise ValueError(
                f"max_norm is a Euclidean length here, got norm_type={module.norm_type}"
            )
        if getattr(module, "include_last_offset", False):
            raise ValueError(
                "module has include_last_offset=True, which a layer has not: make a PyTorch module "
                "without it, and leave out the last of its offsets"
            )
        weights = module.weight.detach().cpu().float().numpy()  # numpy has no bfloat16
        found = {name: getattr(module, name) for name in own}
        found |= {"weights": weights, "trainable": bool(module.weight.requires_grad)}
        return cls(*weights.shape, **(found | settings))


def _import_framework(name: str, function: str) -> Any:
    """Return keras or torch, or raise ImportError that says how to install it."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            f"{function} needs {name} ({error}): run pip install 'fastw2v[{name}]'"
        ) from error


def _trains(layer: Table, framework: str) -> bool:
    """Return whether a layer learns; ValueError if only some of its rows do."""
    if not isinstance(layer.trainable, bool):
        raise ValueError(
            f"{framework} trains all rows or none: set layer.trainable to True or False first"
        )
    return layer.trainable


def to_keras(layer: Table) -> Any:
    """Return a built keras.layers.Embedding with a copy of the table; ValueError if it is none."""
    for name, none in (("max_norm", None), ("scale_grad_by_freq", False)):
        if getattr(layer, name):
            raise ValueError(f"Keras has no {name}: set layer.{name} = {none} first")
    if layer.padding_idx is not None and not (layer.mask_zero and layer.padding_idx == 0):
        raise ValueError(
            f"Keras has no padding_idx, only mask_zero, which is about row 0; got "
            f"padding_idx={layer.padding_idx}, mask_zero={layer.mask_zero}: make a layer without "
            "it, by Embedding.from_pretrained(layer.embeddings, freeze=False)"
        )
    made = _import_framework("keras", "to_keras").layers.Embedding(
        layer.input_dim,
        layer.output_dim,
        mask_zero=layer.mask_zero,
        trainable=_trains(layer, "Keras"),
    )
    made.build()
    made.set_weights([layer.embeddings.copy()])
    return made


def settings_of_keras(layer: Any) -> dict[str, Any]:
    """Return the arguments of a constructor for what a keras.layers.Embedding is."""
    for name in ("input_dim", "output_dim", "mask_zero", "get_weights"):
        if not hasattr(layer, name):
            raise TypeError(f"layer must be a keras.layers.Embedding, got {type(layer).__name__}")
    weights = layer.get_weights()
    if not weights:
        raise ValueError("the Keras layer has no table yet: call layer.build() first")
    return {
        "input_dim": layer.input_dim,
        "output_dim": layer.output_dim,
        "mask_zero": bool(layer.mask_zero),
        "weights": np.asarray(weights[0]),
        "trainable": bool(layer.trainable),
    }
