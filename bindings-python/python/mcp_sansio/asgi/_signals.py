"""The signals by which a process is asked to end.

HTTP servers end an application (`lifespan.shutdown`) after the last response has ended, which a standing stream
never does: they wait for the application, and it for them. So the application looks at what they look at.
"""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType


def watch(tell: Callable[[], None]) -> Callable[[], None]:
    """Has `tell` called before whoever handles the end of the process, and gives what undoes it.

    Where nobody handles it, the process just ends, and there is nothing to watch. `tell` is called in the midst of
    anything.
    """
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    before: dict[int, Callable[[int, FrameType | None], object]] = {}

    def handle(number: int, frame: FrameType | None) -> None:
        tell()
        before[number](number, frame)

    def undo() -> None:
        for number, handler in before.items():
            if signal.getsignal(number) is handle:
                signal.signal(number, handler)

    for number in (signal.SIGINT, signal.SIGTERM):
        handler = signal.getsignal(number)
        if callable(handler) and handler is not signal.default_int_handler:
            before[number] = handler
            signal.signal(number, handle)
    return undo
