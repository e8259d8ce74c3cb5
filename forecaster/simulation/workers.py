"""Distribute work over Dask workers, here or on other machines."""

from __future__ import annotations

import logging
import os
import pickle
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from forecaster.errors import TROUBLE, ConfigError, ResultsError, reason
from forecaster.simulation.program import differences, program

if TYPE_CHECKING:
    from distributed import Client

Item = TypeVar("Item")
Result = TypeVar("Result")

PATIENCE = 15.0
"""Seconds to wait for a scheduler and its first worker."""

FAREWELL = 5.0
"""Seconds to wait for the workers of this machine to end."""

AHEAD = 2
"""Pieces of work per thread of a worker at a time: one in hand, one waiting."""


class Workers:
    """Workers of a Dask scheduler."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def threads(self) -> int:
        """Return how many pieces of work can run at the same time."""
        return max(1, int(sum(self._client.nthreads().values())))

    def each(
        self, work: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[tuple[int, Result]]:
        """Apply a function to every item and yield ``(place, result)`` in any order.

        If a worker is lost, another does its work again. If the caller stops iterating, work that
        has not begun is cancelled.

        Raises ConfigError if a worker runs another version of the program. Raises ResultsError if
        workers die again and again over the same piece, or the scheduler is lost.
        """
        from distributed import as_completed

        run_there, expected = _as_code(), program()
        todo = iter(enumerate(items))
        places: dict[str, int] = {}
        running = as_completed()

        def fill() -> None:
            while len(places) < AHEAD * self.threads() and (following := next(todo, None)):
                place, item = following
                sent = pickle.dumps((work, item))
                # Not pure: Dask makes a new key, so it never returns a result of an earlier run.
                future = self._client.submit(run_there, expected, sent, pure=False)
                places[future.key] = place
                running.add(future)

        try:
            fill()
            for future in running:
                result = _result(future)
                place = places.pop(future.key)
                future.release()
                fill()
                yield place, result
        finally:
            running.clear()


class Machines(TypedDict, total=False):
    """What a simulation runs on; its result does not depend on it."""

    threads: int | None
    """Threads of this process that run the kernel; as many as processors if left out."""
    workers: Workers | None
    """Processes, perhaps on other machines, that run the kernel instead, a thread each."""


class Execution(Machines, total=False):
    """The same, and who is told of its progress."""

    progress: Callable[[int], object] | None
    """Called from this thread with the number of draws just finished."""


def processors() -> int:
    """Return how many processors this process may use, or there are if the system does not say."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _as_code() -> Callable[[dict[str, str], bytes], Any]:
    """Return the function that a worker runs; as it is nested, Dask sends its code.

    A function at module level is sent by name. A worker on which this program is not installed
    would then end without an explanation.
    """

    def run_there(expected: dict[str, str], sent: bytes) -> Any:
        from forecaster.simulation.workers import run_sent

        return run_sent(expected, sent)

    return run_there


def run_sent(expected: dict[str, str], sent: bytes) -> Any:
    """Do a piece of work on a worker, after a check that it runs the program of the sender.

    `expected`: `forecaster.simulation.program.program` of the sender. `sent`: a pickled function
    and its argument.

    Raises ConfigError if the programs differ.
    """
    other = differences(expected, "the worker")
    if other:
        raise ConfigError(
            f"a worker runs another version of the program: {other}. Install the same version on "
            "every worker; the same numbers need the same program."
        )
    work, item = pickle.loads(sent)
    return work(item)


def _result(future: Any) -> Any:
    from concurrent.futures import CancelledError

    from distributed import KilledWorker

    try:
        return future.result()
    except KilledWorker:
        raise ResultsError(
            "workers died again and again over the same piece of work, probably for lack of "
            "memory. Give each of them more, or start fewer on a machine."
        ) from None
    except CancelledError:
        raise ResultsError("the scheduler was lost, and with it the run. Start again.") from None
    except ImportError as error:
        raise ConfigError(
            f"a worker runs another version of the program, or none ({error}). Install the same "
            "version on every worker."
        ) from None


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Defer interrupts to the end of the block, and hide Ctrl-C from processes started in it.

    A terminal sends Ctrl-C to every process of a command, and each would print a traceback.
    """
    if not hasattr(signal, "pthread_sigmask") or current_thread() is not main_thread():
        yield
        return
    resource_tracker.ensure_running()  # if started inside the block, it would unblock Ctrl-C
    came: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    handlers = [signal.signal(number, lambda number, _: came.append(number)) for number in numbers]
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in zip(numbers, handlers, strict=True):
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt


@contextmanager
def open_workers(number: int | None, scheduler: str | None) -> Iterator[Workers | None]:
    """Yield workers started on this machine or those of a scheduler, or None if neither is wanted.

    Raises ConfigError if both are asked for, Dask is not installed, or no scheduler or no worker
    answers.
    """
    if number is None and scheduler is None:
        yield None
        return
    if number is not None and scheduler is not None:
        raise ConfigError("--workers starts workers here, --scheduler uses others; give one.")
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise ConfigError(
            "--workers and --scheduler need Dask: pip install 'uk-election-forecaster[workers]'."
        ) from None
    # Dask logs lost connections at length; this program reports them in one line.
    for name in [one for one in logging.root.manager.loggerDict if one.startswith("distributed")]:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if scheduler is None:
        # Workers are processes with one thread, so that they share no lock.
        with _undisturbed():
            cluster = LocalCluster(
                n_workers=number,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address=None,
                silence_logs=logging.CRITICAL,
            )
        try:
            with Client(cluster) as client:
                yield Workers(client)
        finally:
            # An interrupted cluster might wait for ever to close.
            with suppress(TimeoutError):
                cluster.close(timeout=FAREWELL)
        return
    try:
        client = Client(scheduler, timeout=PATIENCE)
    except (ImportError, TypeError, *TROUBLE) as error:
        raise ConfigError(
            f"--scheduler {scheduler}: no Dask scheduler answers there ({reason(error)}). Start "
            "one with 'dask scheduler', and workers with 'dask worker ADDRESS'."
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise ConfigError(
                f"--scheduler {scheduler}: has no workers. Start some with 'dask worker "
                f"{scheduler}'."
            ) from None
        yield Workers(client)
