"""Which device snippets run on, chosen in the card's process: whoever has asked for a GPU cannot be forked from."""

from __future__ import annotations

import os
import sys


def choose(device: str) -> None:
    """Before TensorFlow looks for devices: hide GPUs from what shall run on the CPU; share them between cards."""
    if device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    else:
        os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"  # else the first card takes all of the GPU's memory


def settle(device: str) -> None:
    """After the import, under the GPU profile: no TF32, whose 10 bits no tolerance for float32 covers."""
    tensorflow = sys.modules.get("tensorflow")
    if device == "gpu" and tensorflow is not None:
        tensorflow.config.experimental.enable_tensor_float_32_execution(False)  # noqa: FBT003 - takes it by place alone


def gpus() -> list[str]:
    """The names of the GPUs that TensorFlow sees from this process; it cannot be forked from afterwards."""
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is None:
        return []
    config = tensorflow.config
    found = config.list_physical_devices("GPU")
    return [str(config.experimental.get_device_details(gpu).get("device_name", "GPU")) for gpu in found]
