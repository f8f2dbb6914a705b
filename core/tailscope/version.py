"""The version, for every room: most of them may not import the package above them."""

__version__ = "0.1.0"
