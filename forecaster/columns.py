"""Every column of the answer tables, declared once: its heading, its kind, its standard error.

A table lists keys and gets its columns from `columns`. A column that is not declared here is a text
whose heading is its key, as ``"runner_up"`` is ``"Runner up"``.
"""

from __future__ import annotations

from typing import cast

from forecaster.table import Column, Kind

DECLARED: dict[str, tuple[str, Kind, bool]] = {
    "actual": ("Others had", "share", False),
    "alone": ("Majority alone", "probability", True),
    "aside": ("Gives way in", "integer", False),
    "backfire": ("Backfire", "probability", True),
    "bearer": ("Flag bearer in", "integer", False),
    "behaviour": ("of it behaviour", "share", False),
    "best": ("Gathered behind", "text", False),
    "better": ("Optimised better by", "difference", True),
    "beyond": ("Gets more than that", "difference", True),
    "bloc_majority_changes": ("Side with majority changes", "probability", True),
    "bound": ("Bound", "number", False),
    "break_even_p5": ("5 %", "share", False),
    "break_even_p50": ("Break-even", "share", False),
    "break_even_p95": ("95 %", "share", False),
    "brier": ("Brier", "score", False),
    "called": ("Called", "integer", False),
    "chances": ("Chances", "integer", False),
    "changes": ("Side with majority changes", "probability", True),
    "chosen": ("Choosing draws", "score", False),
    "clarity": ("How clear", "text", False),
    "combined_lead": ("Combined lead", "integer", False),
    "combined_votes": ("Combined", "integer", False),
    "context": ("Asked or counted", "text", False),
    "costs_own_side": ("Costs its side seats", "probability", True),
    "crps": ("CRPS of totals", "number", False),
    "curse": ("Change", "difference", True),
    "difference": ("Difference", "difference", True),
    "difference_p5": ("90 % from", "whole_difference", False),
    "difference_p95": ("to", "whole_difference", False),
    "donor": ("From", "text", False),
    "elections": ("Elections", "integer", False),
    "event": ("Absent", "text", False),
    "exceeds": ("Exceeded", "probability", True),
    "expected": ("Others expected", "share", False),
    "fewer": ("Fewer seats", "probability", True),
    "first": ("Alone", "share", False),
    "first_error": ("Standard error", "share", False),
    "flag_bearer": ("Back", "text", False),
    "forecast": ("Mean chance", "share", False),
    "forgone": ("Votes forgone", "integer", False),
    "fptp": ("FPTP seats", "number", False),
    "fptp_p5": ("90 % from", "integer", False),
    "fptp_p95": ("to", "integer", False),
    "fptp_votes_per_mp": ("Votes per MP: FPTP", "integer", False),
    "from": ("From", "share", False),
    "gain": ("Gain", "probability", True),
    "gain_chosen": ("Gain: choosing draws", "difference", False),
    "gain_judged": ("judging draws", "difference", False),
    "gained": ("Seats gained", "number", False),
    "gained_p5": ("5 %", "integer", False),
    "gained_p95": ("95 %", "integer", False),
    "gallagher": ("Gallagher index", "number", False),
    "gallagher_p5": ("90 % from", "number", False),
    "gallagher_p95": ("to", "number", False),
    "gap": ("Gap", "share", False),
    "group": ("Party or bloc", "text", False),
    "hindsight": ("with hindsight", "difference", True),
    "interval": ("90 % range", "text", False),
    "judged": ("Result", "number", True),
    "kappa": ("Kappa", "fraction", False),
    "kappa_se": ("Standard error", "fraction", False),
    "largest": ("Largest party", "probability", True),
    "last_share": ("Last share", "share", False),
    "lead_pp": ("Lead", "difference", False),
    "log_score": ("Log score", "score", False),
    "lost": ("lost", "number", False),
    "lost_p5": ("5 %", "integer", False),
    "lost_p95": ("95 %", "integer", False),
    "majority": ("Majority", "probability", True),
    "majority_with": ("with", "probability", True),
    "majority_without": ("Majority without", "probability", True),
    "mean": ("Mean", "number", True),
    "mean_share": ("Mean share", "share", False),
    "meaning": ("Meaning or source", "text", False),
    "median": ("Median", "integer", False),
    "minimal": ("Minimal", "probability", True),
    "name": ("Seat", "text", False),
    "national": ("National", "score", False),
    "needed": ("Needed", "number", False),
    "net": ("Net gain", "share", False),
    "next_value": ("Worth", "score", False),
    "observed": ("Came true", "share", False),
    "opponent_wins_with": ("with", "probability", True),
    "opponent_wins_without": ("Opponent wins without", "probability", True),
    "other": ("Others", "share", False),
    "own": ("Own", "score", False),
    "p5": ("90 % from", "integer", False),
    "p95": ("to", "integer", False),
    "part": ("Part", "fraction", False),
    "parties": ("Parties", "integer", False),
    "party_majority_changes": ("Party with majority changes", "probability", True),
    "party_name": ("Party", "text", False),
    "path": ("Table", "text", False),
    "pivotal": ("Pivotal", "probability", True),
    "plain": ("All clear", "fraction", False),
    "plain_se": ("Standard error", "fraction", False),
    "polls": ("Polls", "integer", False),
    "power": ("Power", "share", True),
    "pr": ("PR seats", "number", False),
    "pr_p5": ("90 % from", "integer", False),
    "pr_p95": ("to", "integer", False),
    "pr_votes_per_mp": ("PR", "integer", False),
    "questions": ("Evidence", "integer", False),
    "recipient": ("To", "text", False),
    "rows": ("Rows", "integer", False),
    "runner_up": ("Runner-up", "text", False),
    "runner_up_probability": ("Chance", "probability", False),
    "sample": ("Sample", "integer", False),
    "sampling_error": ("Sampling error", "share", False),
    "sd": ("SD", "score", False),
    "seat": ("Code", "text", False),
    "seats": ("Seats", "integer", False),
    "sha256": ("SHA-256", "text", False),
    "shapley": ("Shapley value", "difference", True),
    "share": ("Share", "share", False),
    "share_coverage_90": ("Shares in 90 %", "share", False),
    "share_p5": ("90 % from", "share", False),
    "share_p50": ("Median", "share", False),
    "share_p95": ("to", "share", False),
    "shared": ("Shared", "score", False),
    "simulated": ("Chosen by simulation", "difference", True),
    "size": ("At most", "integer", False),
    "spare_p5": ("Spare, 90 % from", "whole_difference", False),
    "spare_p50": ("median", "whole_difference", False),
    "spare_p95": ("to", "whole_difference", False),
    "squeeze": ("Squeeze", "fraction", False),
    "standard_error": ("Standard error", "fraction", False),
    "title": ("What it holds", "text", False),
    "to": ("to", "share", False),
    "total": ("With others", "share", False),
    "total_error": ("Standard error", "share", False),
    "totals_coverage_50": ("Totals in 50 %", "share", False),
    "totals_coverage_80": ("Totals in 80 %", "share", False),
    "totals_coverage_90": ("Totals in 90 %", "share", False),
    "tragedies": ("real", "integer", False),
    "tragedies_expected": ("Tragedies expected", "number", False),
    "tragedy": ("A tragedy", "probability", True),
    "value": ("Worth", "score", True),
    "why": ("Why they differ, or what is missing", "text", False),
    "win_probability": ("Chance", "probability", True),
    "winner_votes": ("Its votes", "integer", False),
    "with": ("With", "number", False),
    "withdrawn": ("Stand-asides", "integer", False),
    "without": ("Without", "number", False),
    "worse": ("Worse off", "probability", True),
}
"""Heading, kind, and whether a standard error stands beside the column, by key."""

FOR_PROGRAMS = frozenset({"seat"})
"""Columns that a terminal leaves out wherever they stand."""


def columns(wanted: str) -> tuple[Column, ...]:
    """Return the columns of a table.

    Parameters
    ----------
    wanted : str
        Columns separated by ``" | "``, each as ``[-]key[:kind][+|~|!][=heading]``. ``-`` hides it
        from people. ``+`` shows its standard error, ``~`` gives the error to programs only (as is
        usual where one is declared), ``!`` leaves it out. `kind` and `heading` replace the
        declared ones.

    Returns
    -------
    tuple of Column
        A column with a standard error is followed by that error, under the key ``KEY_mcse``.

    Examples
    --------
    >>> [column.key for column in columns("party | mean | -p5 | p95=to at most")]
    ['party', 'mean', 'mean_mcse', 'p5', 'p95']
    """
    out: list[Column] = []
    for spec in wanted.split(" | "):
        name, _, heading = spec.removeprefix("-").partition("=")
        key, _, other = name.rstrip("+!~").partition(":")
        usual = DECLARED.get(key, (key.replace("_", " ").capitalize(), "text", False))
        kind = cast(Kind, other) if other else usual[1]
        hidden = spec[0] == "-" or key in FOR_PROGRAMS
        out.append(Column(key, heading or usual[0], kind, hidden))
        if (usual[2] or name[-1] in "+~") and name[-1] != "!":
            out.append(error_of(out[-1], shown=name[-1] == "+"))
    return tuple(out)


def error_of(column: Column, shown: bool = False) -> Column:
    """Return the column of another's standard error; only programs see it unless it is `shown`."""
    kind: Kind = "error" if column.kind in ("share", "probability") else "score"
    return Column(f"{column.key}_mcse", "Standard error", kind, data_only=not shown)
