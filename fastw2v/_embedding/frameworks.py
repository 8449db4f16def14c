"""Tables handed to Keras and PyTorch, and taken from there; each is imported when it is used."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from fastw2v._embedding.table import Table


def import_framework(name: str, function: str) -> Any:
    """Return keras or torch, or raise ImportError that says how to install it."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            f"{function} needs {name} ({error}): run pip install 'fastw2v[{name}]'"
        ) from error


def trains(layer: Table, framework: str) -> bool:
    """Return whether a layer learns; ValueError if only some of its rows do."""
    if not isinstance(layer.trainable, bool):
        raise ValueError(
            f"{framework} trains all rows or none: set layer.trainable to True or False first"
        )
    return layer.trainable


def to_keras(layer: Table) -> Any:
    """Return a built keras.layers.Embedding with a copy of the table; ValueError if it is none."""
    for name in ("max_norm", "scale_grad_by_freq"):
        if getattr(layer, name):
            raise ValueError(f"Keras has no {name}: set layer.{name} = None first")
    if layer.padding_idx is not None and not (layer.mask_zero and layer.padding_idx == 0):
        raise ValueError(
            f"Keras has no padding_idx, only mask_zero, which is about row 0; got "
            f"padding_idx={layer.padding_idx}, mask_zero={layer.mask_zero}"
        )
    made = import_framework("keras", "to_keras").layers.Embedding(
        layer.input_dim,
        layer.output_dim,
        mask_zero=layer.mask_zero,
        trainable=trains(layer, "Keras"),
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


def torch_settings(layer: Table) -> dict[str, Any]:
    """Return the arguments of from_pretrained of PyTorch's embeddings."""
    if layer.mask_zero:
        raise ValueError(
            "PyTorch's embeddings have no mask: keep layer.compute_mask(ids) apart, and set "
            "layer.mask_zero = False first"
        )
    torch = import_framework("torch", "to_torch")
    return {
        "embeddings": torch.from_numpy(layer.embeddings.copy()),
        "freeze": not trains(layer, "PyTorch"),
        "padding_idx": layer.padding_idx,
        "max_norm": layer.max_norm,
        "scale_grad_by_freq": layer.scale_grad_by_freq,
    }


def settings_of_torch(module: Any) -> dict[str, Any]:
    """Return the arguments of a constructor for what an embedding of PyTorch is."""
    for name in ("weight", "padding_idx", "max_norm", "norm_type", "scale_grad_by_freq"):
        if not hasattr(module, name):
            raise TypeError(f"module must be an embedding of torch.nn, got {type(module).__name__}")
    if module.max_norm is not None and module.norm_type != 2:
        raise ValueError(f"max_norm is a Euclidean length here, got norm_type={module.norm_type}")
    weights = module.weight.detach().cpu().numpy()
    return {
        "input_dim": weights.shape[0],
        "output_dim": weights.shape[1],
        "weights": weights,
        "trainable": bool(module.weight.requires_grad),
        "padding_idx": module.padding_idx,
        "max_norm": module.max_norm,
        "scale_grad_by_freq": bool(module.scale_grad_by_freq),
    }
