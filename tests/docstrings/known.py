"""Where TensorFlow's documentation shows something else than what comes, and its own checker lets it pass.

That one compares an exception by its type alone, drops what stands around a tensor's values, and takes floats as equal
within 1e-3.
"""

from __future__ import annotations

VERSION = "2.21.0"
"""The version of TensorFlow of which this was seen; others have other mistakes."""

_MESSAGE = "the message that is shown is not the one that comes"
_BARE = "a bare number is shown where a tensor comes, with shape and dtype"

KNOWN = {
    "tf.SparseTensor.set_shape": _MESSAGE,
    "tf.Tensor.get_shape": _MESSAGE,
    "tf.Tensor.set_shape": f"{_MESSAGE}: [1, 5] for (1, 5)",
    "tf.TensorSpec": f"a bracket is missing: array([[1., 2., 3., 4.], dtype=float32); and {_MESSAGE}",
    "tf.Variable.ref": f"{_MESSAGE}: tensor.ref() for variable.ref()",
    "tf.clip_by_value": f"{_MESSAGE}: it goes on",
    "tf.constant_initializer": _MESSAGE,
    "tf.data.Dataset.concatenate": _MESSAGE,
    "tf.data.Dataset.ignore_errors": f"{_MESSAGE}: it goes on",
    "tf.ensure_shape": f"{_MESSAGE}; one call fails because of its dtype, where a shape is to be the reason",
    "tf.image.adjust_jpeg_quality": "shape(2, 2, 3) for shape=(2, 2, 3)",
    "tf.linalg.banded_triangular_solve": "-0. for 0.",
    "tf.nest.assert_same_structure": f"{_MESSAGE}: it goes on",
    "tf.nest.map_structure": f"{_MESSAGE}: it goes on",
    "tf.nn.gelu": "wrong digits: -0.00404951 for -0.00404969, and -0.00363752 for -0.00363739 (by the formula)",
    "tf.numpy_function": "x=1.0 for x=array(1.), and array(1.) for array(1., dtype=float32)",
    "tf.reshape": f"{_MESSAGE}: it goes on",
    "tf.unstack": f"{_MESSAGE}: it begins with where in the user's code it was raised",
    "tf.keras.callbacks.LearningRateScheduler": _BARE,
    "tf.keras.losses": _BARE,
    "tf.keras.metrics": _BARE,
    "tf.keras.ops": _BARE,
}
"""Why, by public name, or by the name of a module where it is the same throughout."""


def reason(name: str) -> str:
    """Why the documentation of this name is wrong, or empty."""
    return KNOWN.get(name) or KNOWN.get(name.rpartition(".")[0], "")
