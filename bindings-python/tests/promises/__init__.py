"""What the machines promise, as state machines of hypothesis."""

from .client import ClientPromises
from .server import ServerPromises

__all__ = ["ClientPromises", "ServerPromises"]
