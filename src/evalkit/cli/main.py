"""The `evalkit` command: names its parts, prints one message for a fault, exits with its code."""

import os
import sys

import typer

from evalkit.cli import (
    advise,
    checklist,
    compare,
    data,
    decide,
    export,
    parameters,
    release,
    report,
    run,
    sweep_results,
    synth,
    verify,
)
from evalkit.errors import EXIT_CODES, EvalkitError, Status

_CTRL_C = 130  # typer turns Ctrl-C into this exit code

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Evaluate whether experience of care improved.",
)
app.command("run")(run.run)
app.command("list")(run.list_runs)
app.command("show")(run.show)
app.command("status")(compare.status)
app.command("compare")(compare.compare)
app.command("sweep")(sweep_results.sweep)
app.command("advise")(advise.advise)
app.command("parameters")(parameters.describe)
app.command("register")(parameters.register)
app.command("release")(release.release)
app.command("verify")(verify.verify)
app.command("decide")(decide.decide)
app.command("checklist")(checklist.checklist)
app.command("export")(export.export)
app.command("serve")(report.serve)
app.command("synth")(synth.synth)
app.add_typer(data.app, name="data")


def main() -> None:
    """Run the command; a fault is one message on standard error, never a traceback."""
    try:
        app(standalone_mode=True)
    except EvalkitError as fault:
        print(fault, file=sys.stderr)
        sys.exit(fault.exit_code)
    except SystemExit as end:
        if end.code != _CTRL_C:
            raise
        print("Interrupted. Run the same command to go on.", file=sys.stderr)
        sys.exit(EXIT_CODES[Status.INTERRUPTED])
    except Exception as bug:
        if os.environ.get("EVALKIT_DEBUG"):
            raise
        print(
            f"evalkit: a fault of its own ({type(bug).__name__}). No result was written. Set "
            "EVALKIT_DEBUG=1 to see where, on data that may be shown, and report it.",
            file=sys.stderr,
        )
        sys.exit(EXIT_CODES[Status.BUG])
