"""Tasks in a few threads, in turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue


def in_turns(tasks: Sequence[Callable[[], bool]], threads: int, turns: int) -> None:
    """Run `tasks` in at most so many threads. One that returns True queues behind the others for another turn, `turns`
    in all; none runs twice at the same time. Ends when all have ended."""
    queue: SimpleQueue[tuple[Callable[[], bool], int]] = SimpleQueue()
    for task in tasks:
        queue.put((task, turns))

    def work() -> None:
        while True:
            try:
                task, left = queue.get_nowait()
            except Empty:  # whoever still has a task puts it back and takes it up again itself
                return
            if task() and left > 1:
                queue.put((task, left - 1))

    if tasks:
        with ThreadPoolExecutor(min(threads, len(tasks))) as pool:
            for done in [pool.submit(work) for _ in range(min(threads, len(tasks)))]:
                done.result()
