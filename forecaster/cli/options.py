"""Options and arguments that commands share, each with its type, help and completion."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from forecaster.api import Run
    from forecaster.config.config import Config
    from forecaster.config.pact import Pact
    from forecaster.simulation.workers import Machines

Command = Callable[..., Any]
Option = Callable[[Command], Command]


MOST = 4_000_000_000
"""Largest number of draws, and of anything else that is counted."""

MOST_WORKERS = 256
"""Most processes on this machine (judgement); each needs some 200 MB, and one per processor is
enough."""


class Count(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions only
    """A whole number, which may be written as 1e6."""

    name = "integer"

    def __init__(self, least: int = 1, most: int = MOST) -> None:
        self.least, self.most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number, or end with what is wrong with it."""
        try:
            number = value if isinstance(value, int) else int(value)
        except ValueError:
            try:
                whole = float(value)
            except ValueError:
                self.fail(f"{value!r} is no number.", param, ctx)
            if not whole.is_integer():
                self.fail(f"{value!r} is no whole number.", param, ctx)
            number = int(whole)
        if number < self.least:
            self.fail(f"{value} is too small; expected {self.least} or more.", param, ctx)
        if number > self.most:
            self.fail(f"{value} is too large; expected at most {self.most:,}.", param, ctx)
        return number


class Known(click.ParamType):  # type: ignore[type-arg]
    """A text that the shell completes from known names; it is checked where it is used.

    `name`: kind of name, for the help. `known`: takes the values of the options given so far and
    returns the names.
    """

    def __init__(self, name: str, known: Callable[[dict[str, Any]], Iterable[str]]) -> None:
        self.name = name
        self.known = known

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text, which must not be empty."""
        if not str(value).strip():
            self.fail("expected a name, not an empty text.", param, ctx)
        return str(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names that begin with the text, ignoring case."""
        begun = incomplete.lower()
        try:
            names = [name for name in self.known(ctx.params) if name.lower().startswith(begun)]
        except Exception:  # a completion must never print a traceback into the prompt
            names = []
        return [CompletionItem(name) for name in names]


class File(click.Path):
    """A path in which ``~`` is expanded, which shells do not do after ``--out=``."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path."""
        return Path(os.fsdecode(super().convert(value, param, ctx))).expanduser()


def _runs(kind: str, _: dict[str, Any]) -> list[str]:
    from forecaster.results.schema import KINDS
    from forecaster.results.store import stored_runs

    return [str(folder) for folder in stored_runs(KINDS[kind].root)]


def _bundled(folder: str, _: dict[str, Any]) -> list[str]:
    from forecaster.resources import bundled

    return bundled(folder)


def _scenarios(kind: str, params: dict[str, Any]) -> list[str]:
    """Return the scenarios of the run that is named before the option, or else of the latest."""
    from forecaster.results.schema import KINDS
    from forecaster.results.store import find_run, glance, is_run

    named = [params.get("run"), params.get("what"), *params.get("words", ())]
    run = next((one for one in (*named, *params.get("runs", ())) if one and is_run(one)), None)
    return list(glance(find_run(run, KINDS[kind]))["scenarios"])


def _parties(_: dict[str, Any]) -> tuple[str, ...]:
    from forecaster.vocabulary import PARTIES

    return PARTIES


def _seats(_: dict[str, Any]) -> list[str]:
    from forecaster.elections.election import read_seats

    return [*RUN.known({}), *read_seats("2024").name.tolist()]


RUN = Known("run", partial(_runs, "house"))
COUNCIL_RUN = Known("run", partial(_runs, "councils"))
CONFIG = Known("config", partial(_bundled, ""))
SWEEP = Known("sweep", partial(_bundled, "sweeps"))
PACT = Known("pact", partial(_bundled, "pacts"))
SCENARIO = Known("scenario", partial(_scenarios, "house"))
COUNCIL_SCENARIO = Known("scenario", partial(_scenarios, "councils"))
PARTY = Known("party", _parties)
SEAT = Known("seat", _seats)
FILE = File()
DRAWS = Count()
SEED = Count(0, 2**64 - 1)

RunName = Annotated[str | None, click.argument("run", type=RUN, required=False)]
ConfigName = Annotated[str, click.argument("config", type=CONFIG)]


def scenario_option(kind: Known) -> Option:
    """Return ``--scenario`` of a command that counts in one way."""
    return click.option("--scenario", type=kind, help="With these pacts in force [default: none].")


def scenarios_option(kind: Known) -> Option:
    """Return ``--scenario`` of a command about pacts, as `wanted`."""
    return click.option(
        "--scenario",
        "wanted",
        type=kind,
        multiple=True,
        help="Only this scenario. May be repeated [default: all with pacts].",
    )


Scenario = Annotated[str | None, scenario_option(SCENARIO)]
Scenarios = Annotated[tuple[str, ...], scenarios_option(SCENARIO)]
Party = Annotated[
    str | None, click.option("--party", type=PARTY, help="By code or name, as LD or Labour.")
]
draws_option = click.option(
    "--draws", type=DRAWS, help="Number of simulated elections, as 1e6 [default: the config's]."
)
seed_option = click.option(
    "--seed", type=SEED, help="Key of the random numbers [default: the config's]."
)
threads_option = click.option(
    "--threads",
    type=Count(),
    help="Threads [default: all processors]; the result does not depend on it.",
)
set_option = click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change an option of the config, as swing.rule=uniform. May be repeated.",
)
pacts_option = click.option(
    "--pact",
    "pacts",
    type=PACT,
    multiple=True,
    help="Count the same elections with this pact too: a file, or the name of an embedded one. "
    "May be repeated; A+B joins two in one.",
)
force_option = click.option(
    "--force", is_flag=True, help="Replace what is there, if this program made it."
)
Threads = Annotated[int | None, threads_option]
Changes = Annotated[tuple[str, ...], set_option]
Pacts = Annotated[tuple[str, ...], pacts_option]


def command(name: str, group: click.Group | None = None) -> Callable[[Command], click.Command]:
    """Return a decorator that makes a command of a function, in a group if one is given.

    Options that commands share are types of its parameters, such as `Threads`; those of its own are
    added with ``click.option`` below this. The help lists all in the order of the parameters.
    """

    def make(function: Command) -> click.Command:
        whole, order = function, list[str | None]()
        for parameter, kind in get_type_hints(function, include_extras=True).items():
            order.append(parameter)
            for add in getattr(kind, "__metadata__", ()):
                whole = add(whole)
                order += [one.name for one in click.command()(add(lambda: None)).params]
        made = click.command(name)(whole)
        made.params.sort(key=lambda one: order.index(one.name))
        if group is not None:
            group.add_command(made)
        return made

    return make


def out_option(what: str, **more: Any) -> Option:
    """Return ``--out`` and ``--force`` of a command that writes a file or folder."""

    def add(command: Command) -> Command:
        return click.option("--out", type=FILE, help=what, **more)(force_option(command))

    return add


@dataclass(frozen=True)
class Simulating:
    """The options of every command that simulates a config."""

    draws: int | None = None
    seed: int | None = None
    threads: int | None = None
    changes: tuple[str, ...] = ()
    pacts: tuple[str, ...] = ()
    workers: int | None = None
    scheduler: str | None = None

    @property
    def options(self) -> dict[str, Any]:
        """The options of ``--set`` as values, by key."""
        from forecaster.config.load import parse_changes

        return parse_changes(self.changes)

    @property
    def changed(self) -> dict[str, Any]:
        """What these options change in a config, as `build_config` takes it."""
        return {"options": self.options, "draws": self.draws, "seed": self.seed}

    def config(self, name: str) -> Config:
        """Return the checked config of a name, with what these options change."""
        from forecaster.config.load import build_config

        return build_config(name, pacts=self.pacts, **self.changed)

    def question(self, config: str, pact: str) -> tuple[Config, Pact]:
        """Return the config, and the pact whose flag bearers are to be chosen."""
        from forecaster.experiments.choosing.alternatives import read_question

        return read_question(config, pact, **self.changed)

    @contextmanager
    def machines(self) -> Iterator[Machines]:
        """Start the workers that the user asked for, and yield what to simulate on."""
        from forecaster.simulation.workers import open_workers

        with open_workers(self.workers, self.scheduler) as workers:
            yield {"threads": self.threads, "workers": workers}


def simulation_options(*others: Option, kind: type[Any] = Simulating) -> Option:
    """Return a decorator that adds options; the command gets those of a kind as ``how``."""

    def add(command: Command) -> Command:
        names = [field.name for field in fields(kind)]

        @wraps(command)
        def bundled(**given: Any) -> Any:
            own = {name: given.pop(name) for name in names if name in given}
            return command(how=kind(**own), **given)

        whole: Command = bundled
        for option in others:
            whole = option(whole)
        return whole

    return add


every_option = (set_option, threads_option, seed_option, draws_option)
workers_options = (
    click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Simulate on the workers of this Dask scheduler, as tcp://host:8786.",
    ),
    click.option(
        "--workers",
        type=Count(1, MOST_WORKERS),
        help="Simulate in so many processes, by Dask; the result does not depend on it.",
    ),
)
Choosing = Annotated[Simulating, simulation_options(*every_option)]
WithPacts = Annotated[Simulating, simulation_options(pacts_option, *every_option)]
Anywhere = Annotated[Simulating, simulation_options(pacts_option, *workers_options, *every_option)]
AtPoints = Annotated[Simulating, simulation_options(*workers_options, threads_option, seed_option)]


def words_argument(metavar: str, kind: Known = RUN) -> Option:
    """Return the arguments of a command that takes an optional run and further words."""
    return click.argument("words", nargs=-1, type=kind, metavar=f"[RUN] {metavar}")


def split_run(words: tuple[str, ...], known: tuple[str, ...] = ()) -> tuple[Run, tuple[str, ...]]:
    """Return the run named by the first or last word, or else the latest, and the other words.

    Raises ResultsError if no word is a run and the first is not one of the `known` words, if these
    are given.
    """
    from forecaster.errors import ResultsError
    from forecaster.results.store import is_run

    if words and is_run(words[0]):
        return read_run(words[0]), words[1:]
    if words and is_run(words[-1]):
        return read_run(words[-1]), words[:-1]
    if words and known and words[0] not in known:
        raise ResultsError(
            f"{words[0]}: no run is stored here, and it is none of {', '.join(known)}. "
            "'forecast list' shows the runs."
        )
    return read_run(None), words


def read_run(name: str | None) -> Run:
    """Return a run by its folder or its name in ``runs/``; the latest for None."""
    from forecaster.api import open_run

    return open_run(name)
