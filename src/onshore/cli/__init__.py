"""The command line: a file a room. Nothing heavy is imported before a command runs, so ``--help`` answers at once.

Exit codes: 0 fine; 1 the input has faults, or no plan exists; 2 wrong use; 130 stopped by Ctrl-C. With ``--json``
a command prints one object to standard output and nothing else, also when it fails.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from onshore.cli import impact, plan, prices, progress, show, synth, tables, trade, uncertainty, why
from onshore.errors import InputError, NoPlan, Stopped, WrongUse

__all__ = ["app", "main"]

FINE, FAULTS, WRONG_USE, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    name="onshore",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 fine; 1 faults in the input, or no plan; 2 wrong use; 130 stopped by Ctrl-C.",
)
COMMANDS = (
    tables.new, tables.check, tables.convert, tables.tables,
    plan.need, plan.plan, plan.demo, plan.report,
    why.explain, why.compare, why.verify, trade.what_if, trade.frontier, trade.goals, uncertainty.uncertainty, prices.prices, progress.progress, impact.impact, synth.synth,
)  # fmt: skip
for command in COMMANDS:
    app.command()(command)


def _version(wanted: bool) -> None:
    if wanted:
        import onshore

        show.line(f"onshore {onshore.__version__}")
        raise typer.Exit


@app.callback()
def _onshore(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Plan and run an industrial localisation programme.

    Which parts, imported today, are worth making at home; by which makers, from which year; with a proof of how
    good the plan is. Begin with `onshore demo`, or with `onshore new mine` and a look into the folder it writes.
    """


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: the one place where an error becomes a message."""
    args = list(sys.argv[1:] if args is None else args)
    as_json = "--json" in args
    try:
        code = int(app(args=args, prog_name="onshore", standalone_mode=False) or FINE)
    except InputError as fault:
        show.faults(fault, as_json=as_json)
        return FAULTS
    except NoPlan as fault:
        show.failure(str(fault), as_json=as_json, details=fault.details)
        return FAULTS
    except WrongUse as fault:
        show.failure(str(fault), as_json=as_json)
        return WRONG_USE
    except _UsageFault as fault:
        show.failure(_usage(fault), as_json=as_json)
        return WRONG_USE
    except (FileNotFoundError, FileExistsError, PermissionError, NotADirectoryError, IsADirectoryError) as fault:
        if fault.filename is None:
            raise
        show.failure(f"{fault.filename}: {fault.strerror}.", as_json=as_json)
        return WRONG_USE
    except BrokenPipeError:
        show.hang_up()
        return FAULTS
    except (KeyboardInterrupt, Stopped, typer.Abort):
        code = INTERRUPTED
    if code == INTERRUPTED:
        show.failure("Stopped. Nothing was written.", as_json=as_json)
    return code


# Typer carries its own copy of click, so the class is reached through the name that Typer makes public.
_UsageFault: type[Exception] = typer.BadParameter.__bases__[0].__bases__[0]


def _usage(fault: Exception) -> str:
    """The message of a wrong call, and where to read on."""
    context = getattr(fault, "ctx", None)
    path = getattr(context, "command_path", "onshore")
    message = fault.format_message() if hasattr(fault, "format_message") else str(fault)
    return f"{message}\nTry: {path} --help"
