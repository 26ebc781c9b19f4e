"""What is told when a vector does not hold."""


class Mismatch(AssertionError):
    """The machine did, or said, something else than a vector says."""
