"""The commands that look after what a database holds: list, show, export, delete, tidy, merge."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.errors import SimError, UsageError
from sim.terminal.ending import as_data, say
from sim.terminal.figures import counted
from sim.terminal.options import DATABASE, Database, Json, Plugins, whole

if TYPE_CHECKING:
    from sim.store.housekeeping import Freed, Listed
    from sim.store.store import Store

LONGEST_NAME = 40

Experiment = Annotated[
    int, typer.Argument(parser=whole, metavar="ID", help="number of an experiment, as `sim results list` shows it")
]
FilesFolder = Annotated[
    Path | None,
    typer.Option("--files", metavar="FOLDER", help="Folder that has the database's files, if it is not its own."),
]

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    epilog="Example: sim results list",
    help="List, show, export, delete or merge saved experiments.",
)


@app.command("list", epilog="Example: sim results list --db results/results.db")
def list_(db: Database = DATABASE, files: FilesFolder = None, as_json: Json = False) -> None:
    """List the experiments of a database."""
    with _opened(db, files) as store:
        found, size = store.listed(), store.size()
        if as_json:
            rows = [asdict(one) | {"created": one.created.isoformat(timespec="seconds")} for one in found]
            typer.echo(as_data({"database": store.name, "size": asdict(size), "experiments": rows}))
            return
        typer.echo(_table(found) if found else "no experiments")
        held = f"; beside it {counted(size.files, 'file')} with {sized(size.file_bytes)}" if size.files else ""
        typer.echo(f"\ndatabase: {store.name}, {sized(size.database)}{held}")
        if size.unknown:
            left = f"{counted(size.unknown, 'file')} with {sized(size.unknown_bytes)} that nothing refers to"
            typer.echo(f"{left}: `sim results tidy` removes what is older than an hour")


@app.command(epilog="Example: sim results show 3")
def show(
    experiment: Experiment,
    db: Database = DATABASE,
    files: FilesFolder = None,
    allow_plugins: Plugins = False,
    as_json: Json = False,
) -> None:
    """Show what came of an experiment.

    As far as it was run; nothing is computed.
    """
    from sim.store.catalogue import NAMED, PANELS

    with _opened(db, files) as store:
        saved = store.experiment(experiment)
        if saved.kind in NAMED:
            from sim.experiments import designs
            from sim.terminal import tables

            results = designs.saved(db, allow_plugins=allow_plugins, experiment=experiment, files=files)
            table = tables.single if saved.kind == "run" else tables.comparison
            typer.echo(as_data(tables.data(results)) if as_json else table(results))
        elif saved.kind in PANELS:
            panels = [{"kind": p.kind, "file": str(p.place), "rows": p.rows} for p in store.panels(experiment)]
            typer.echo(as_data({"id": saved.id, "panels": panels}) if as_json else saved.name)
        else:
            _show_design(store, experiment, allow_plugins, as_json)
        if not as_json:
            for panel in store.panels(experiment):
                typer.echo(f"{panel.kind}: {panel.place} ({panel.rows:,} rows)")
            typer.echo(f"runs: {store.name} (experiment {experiment})")


def _show_design(store: Store, experiment: int, allow_plugins: bool, as_json: bool) -> None:
    """The answer of an experiment that can be analysed; of another its definition and the means of its cases."""
    from sim.experiments.files import analysed
    from sim.terminal import answers

    try:
        answer = analysed(store, experiment, allow_plugins=allow_plugins)
    except SimError as error:
        _show_plainly(store, experiment, as_json)
        say(f"only means are shown: {error}")
        return
    typer.echo(as_data(answers.data(answer)) if as_json else answers.text(answer))


def _show_plainly(store: Store, experiment: int, as_json: bool) -> None:
    from sim.terminal.frames import data_of
    from sim.terminal.summaries import means

    saved = store.experiment(experiment)
    frame = means(store, experiment)
    definition = json.loads(saved.definition) if saved.definition else None
    if as_json:
        facts = {"id": saved.id, "kind": saved.kind, "name": saved.name, "seed": saved.seed}
        facts |= {"replications": saved.replications, "definition": definition}
        typer.echo(as_data(facts | {"summary": data_of(frame)}))
        return
    from sim.terminal.summaries import summarised

    typer.echo(summarised(saved, definition, frame))


@app.command(epilog="Example: sim results export 3 --out tables --format parquet")
def export(
    experiment: Experiment,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="New or empty folder for the tables.")],
    form: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="Format of the tables: csv or parquet.")
    ] = "csv",
    db: Database = DATABASE,
    files: FilesFolder = None,
    as_json: Json = False,
) -> None:
    """Write an experiment as tables.

    Cases, runs, figures, months, ledger and failures, and what was asked for in experiment.json.
    """
    from sim.store.exporting import FORMATS
    from sim.store.exporting import export as exported

    if form not in FORMATS:
        raise UsageError(f"--format: given {form!r}, allowed are {', '.join(FORMATS)}")
    if not out.absolute().parent.is_dir():
        raise UsageError(f"--out: given {out}, but {out.parent} is not a folder")
    with _opened(db, files) as store:
        written = exported(store, experiment, out, form)
    if as_json:
        typer.echo(as_data({"experiment": experiment, "files": [str(file) for file in written]}))
    else:
        for file in written:
            typer.echo(f"{file}: {sized(file.stat().st_size)}")


@app.command(epilog="Example: sim results delete 3 --yes")
def delete(
    experiment: Experiment,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    db: Database = DATABASE,
    files: FilesFolder = None,
    as_json: Json = False,
) -> None:
    """Delete an experiment.

    Its runs and files go with it, but for those that other experiments use.
    """
    with _opened(db, files) as store:
        saved = store.experiment(experiment)
        if not yes and as_json:
            raise UsageError("--json: nobody can be asked; give --yes")
        if not yes and not _confirmed(f"delete experiment {experiment} ({saved.name})?"):
            typer.echo("nothing was deleted")
            return
        freed = store.delete(experiment)
    _said(freed, f"experiment {experiment} deleted", as_json)


@app.command(epilog="Example: sim results tidy")
def tidy(db: Database = DATABASE, files: FilesFolder = None, as_json: Json = False) -> None:
    """Remove what belongs to no experiment.

    Commands that were killed may have left runs and files. Files of the last hour stay: another command may be about
    to note them.
    """
    with _opened(db, files) as store:
        freed = store.tidy()
    _said(freed, "tidied", as_json)


@app.command(epilog="Example: sim results merge part-2.db --db results/results.db")
def merge(
    other: Annotated[str, typer.Argument(metavar="DATABASE", help="The other database: a file or a URL.")],
    db: Database = DATABASE,
    files: FilesFolder = None,
    other_files: Annotated[
        Path | None,
        typer.Option("--other-files", metavar="FOLDER", help="Folder of the other's files, if it is not its own."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring another database into this one.

    Its experiments, runs and files are added. What is there stays, and the other is left as it is. A merge that was
    interrupted is given again.
    """
    from sim.store.merging import merge as merged
    from sim.store.store import Store

    with _opened(other, other_files) as source, Store(db, files=files) as store:
        came = merged(store, source)
        into = store.name
    if as_json:
        typer.echo(as_data(asdict(came)))
        return
    files_copied = f"{counted(came.files, 'file')} with {sized(came.file_bytes)}"
    typer.echo(f"{counted(came.experiments, 'experiment')}, {counted(came.runs, 'run')} and {files_copied} brought")
    if came.series:
        typer.echo(f"{counted(came.series, 'run')} that had no monthly series got them")
    typer.echo(f"runs: {into}")
    if came.gone:
        say(f"{other}: {counted(came.gone, 'file')} not found; what it names them for came without its months")


def _opened(db: str, files: Path | None) -> Store:
    from sim.store.store import Store

    return Store(db, create=False, files=files)


def _confirmed(question: str) -> bool:
    try:
        return typer.confirm(question)
    except typer.Abort:
        raise UsageError("nothing was deleted: nobody answers; give --yes") from None


def _said(freed: Freed, what: str, as_json: bool) -> None:
    if as_json:
        typer.echo(as_data(asdict(freed)))
    else:
        of = f"{sized(freed.database_bytes)} of the database, {sized(freed.file_bytes)} of files"
        typer.echo(f"{what}: {counted(freed.runs, 'run')} removed; freed {of}")


def _table(found: list[Listed]) -> str:
    """A row for each experiment."""
    from sim.terminal.grid import Column, grid, width

    failed = any(one.failed for one in found)
    cells: list[tuple[tuple[str, ...], list[str], bool]] = [
        (("kind",), [one.kind for one in found], False),
        (("name",), [_short(one.title or one.name.removeprefix(f"{one.kind} ")) for one in found], False),
        (("begun (UTC)",), [f"{one.created:%Y-%m-%d %H:%M}" for one in found], False),
        (("cases",), [f"{one.cases:,}" for one in found], True),
        (("months",), [f"{one.months:,}" for one in found], True),
        (("runs", "finished"), [f"{one.finished:,} of {one.asked:,}" if one.asked else "-" for one in found], True),
        *([(("failed",), [f"{one.failed:,}" if one.failed else "-" for one in found], True)] if failed else []),
        (("monthly", "series"), [_kept(one) for one in found], False),
        (("files",), [sized(one.file_bytes) if one.file_bytes else "-" for one in found], True),
    ]
    columns = [Column(heading, tuple(texts), right) for heading, texts, right in cells]
    return grid(Column(("id",), tuple(str(one.id) for one in found)), columns, width())


def _kept(one: Listed) -> str:
    """Where the monthly series of an experiment's runs are."""
    if len(one.series) == 1:
        return next(iter(one.series))
    return ", ".join(f"{number:,} {where}" for where, number in one.series.items()) or "-"


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def sized(count: int) -> str:
    """Bytes as they are read most easily."""
    size, units = float(count), ["bytes", "kB", "MB", "GB", "TB"]
    while size >= 1000 and len(units) > 1:
        size, units = size / 1000, units[1:]
    return f"{size:,.0f} {units[0]}" if size >= 100 or units[0] == "bytes" else f"{size:.1f} {units[0]}"
