"""Processes that do a part of the work each, here or on other machines, by Dask."""

from __future__ import annotations

import logging
import pickle
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any, TypeVar

from forecaster.errors import TROUBLE, ConfigError, ResultsError, reason
from forecaster.simulation.program import differences, program

if TYPE_CHECKING:
    from distributed import Client

Item = TypeVar("Item")
Result = TypeVar("Result")

PATIENCE = 15.0
"""Seconds to wait for a scheduler and its first worker."""

FAREWELL = 5.0
"""Seconds that workers of this machine have to end, before they are left to end by themselves."""

AHEAD = 2
"""Pieces of work a thread of a worker has at a time: one in hand, one waiting."""


class Workers:
    """Workers of a Dask scheduler."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def threads(self) -> int:
        """Return how many pieces of work run at the same time."""
        return max(1, int(sum(self._client.nthreads().values())))

    def each(
        self, work: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[tuple[int, Result]]:
        """Apply a function to every item and yield ``(place, result)`` in any order.

        Work that is lost with its worker is done again by another. If the reader stops, what has
        not begun is cancelled.

        Raises
        ------
        ConfigError
            If a worker runs another version of the program.
        ResultsError
            If workers die again and again over the same piece, or the scheduler is lost.
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
                # The key is new: a result of an earlier run is never taken for this one's.
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


def _as_code() -> Callable[[dict[str, str], bytes], Any]:
    """Return what a worker runs: a function within a function, which Dask sends as its code.

    Sent by its name, as others are, it would end a worker on which this program is not installed,
    and nobody would learn why.
    """

    def run_there(expected: dict[str, str], sent: bytes) -> Any:
        from forecaster.simulation.workers import run_sent

        return run_sent(expected, sent)

    return run_there


def run_sent(expected: dict[str, str], sent: bytes) -> Any:
    """Do a piece of work on a worker, unless it runs another program than who sent it.

    Parameters
    ----------
    expected : dict
        `forecaster.simulation.program.program` of who sent it.
    sent : bytes
        A pickled function and its argument.

    Raises
    ------
    ConfigError
        If the programs differ.
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
    """Put off an interrupt to the end of the block; no process that it starts sees Ctrl-C.

    A terminal sends Ctrl-C to every process of a command, and each would say so at length.
    """
    if not hasattr(signal, "pthread_sigmask") or current_thread() is not main_thread():
        yield
        return
    resource_tracker.ensure_running()  # which would let Ctrl-C through again, if it began later
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
    """Start a number of workers on this machine, or use those of a scheduler; else yield None.

    Raises
    ------
    ConfigError
        If both are asked for, Dask is not installed, or no scheduler or no worker answers.
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
    # What Dask says of a lost connection, at length, is said here in a line.
    for name in [one for one in logging.root.manager.loggerDict if one.startswith("distributed")]:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if scheduler is None:
        # A worker is a process with one thread: nothing is shared that could be waited for.
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
            # An interrupted cluster may wait for ever for what will not come.
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
