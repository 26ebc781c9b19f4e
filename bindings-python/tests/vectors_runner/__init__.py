"""Runs the shared vectors (``tests/vectors/README.md`` of the project has their format) through the Python classes."""

from .files import FOLDER, Vector, load, names_of_files
from .mismatch import Mismatch
from .runner import run

__all__ = ["FOLDER", "Mismatch", "Vector", "load", "names_of_files", "run"]
