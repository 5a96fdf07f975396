"""Which device a framework computes on, asked without importing any other framework."""

from importlib.metadata import PackageNotFoundError, version


def device(framework: str) -> str:
    """Return "cpu", or the name of the GPU that the framework takes by itself."""
    if framework == "jax":
        import jax

        first = jax.devices()[0]
        return "cpu" if first.platform == "cpu" else first.device_kind
    if framework == "torch":
        import torch

        if torch.cuda.is_available():
            return torch.cuda.get_device_name()
        return "mps" if torch.backends.mps.is_available() else "cpu"
    import tensorflow

    found = tensorflow.config.list_physical_devices("GPU")
    details = tensorflow.config.experimental.get_device_details(found[0]) if found else {}
    return details.get("device_name", "gpu") if found else "cpu"


def package(framework: str) -> str:
    """Return the name that a framework is installed under."""
    if framework == "tensorflow":
        try:
            version("tensorflow")
        except PackageNotFoundError:
            return "tensorflow-cpu"
    return framework


if __name__ == "__main__":  # python devices.py FRAMEWORK prints the device
    import sys

    print(device(sys.argv[1]))
