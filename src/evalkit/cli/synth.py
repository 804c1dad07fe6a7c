"""`evalkit synth`: make the synthetic data again, check them, or make a world of another size."""

import filecmp
import tempfile
from pathlib import Path
from typing import Annotated

import typer


def synth(
    folder: Annotated[
        Path | None, typer.Option(help="Where to write; default data/synthetic of the project.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the random draws; default the committed one.", min=0)
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; say whether the files are the same.")
    ] = False,
    world: Annotated[
        str | None, typer.Option(help="Make the linked tables of this world alone, into --out.")
    ] = None,
    people: Annotated[
        int | None, typer.Option(help="With --world: about how many patients answer.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="With --world: where to write.")] = None,
    file_format: Annotated[
        str | None, typer.Option("--format", help="With --world: csv or parquet.")
    ] = None,
    table: Annotated[
        list[str] | None, typer.Option(help="With --world: only this table; may be repeated.")
    ] = None,
) -> None:
    """Make the synthetic tables with known truth: the same seed gives the same bytes."""
    from evalkit.project import project_root
    from evalkit.synthetic.files import DEFAULT_SEED, write_worlds

    seed = DEFAULT_SEED if seed is None else seed
    if world is not None:
        _refuse_together("--world", {"--folder": folder is not None, "--check": check})
        _write_one(world, seed, people, out, file_format or "csv", table)
        return
    alone = {"--people": people, "--out": out, "--format": file_format, "--table": table}
    _refuse_without_world({option: given is not None for option, given in alone.items()})
    place = folder or project_root() / "data" / "synthetic"
    if check:
        _check(place, seed)
        return
    written = write_worlds(place, seed)
    typer.echo(f"{len(written)} files written to {place} (seed {seed}).")


def _refuse_together(option: str, others: dict[str, bool]) -> None:
    from evalkit.errors import ParameterError

    given = [name for name, is_given in others.items() if is_given]
    if given:
        raise ParameterError(
            f"{', '.join(given)}: not together with {option}. Leave one of them out."
        )


def _refuse_without_world(options: dict[str, bool]) -> None:
    from evalkit.errors import ParameterError

    given = [name for name, is_given in options.items() if is_given]
    if given:
        raise ParameterError(
            f"{', '.join(given)}: only with --world. Name a world, or use --folder."
        )


def _write_one(
    world: str,
    seed: int,
    people: int | None,
    out: Path | None,
    file_format: str,
    tables: list[str] | None,
) -> None:
    from evalkit.errors import ParameterError
    from evalkit.synthetic.linked.draws import TABLES
    from evalkit.synthetic.linked.files import size_for, write_linked_world
    from evalkit.synthetic.linked.places import Size

    if out is None:
        raise ParameterError("--out: missing. Name a folder to write the world to.")
    size = Size() if people is None else size_for(people)
    written = write_linked_world(
        out, world, seed, size, tables=tables or TABLES, file_format=file_format
    )
    typer.echo(
        f"{len(written)} files of world {world} written to {out / world} "
        f"(seed {seed}, about {size.people} answers)."
    )


def _check(place: Path, seed: int) -> None:
    from evalkit.errors import DataError
    from evalkit.synthetic.files import write_worlds

    with tempfile.TemporaryDirectory() as fresh:
        made = [path.relative_to(fresh) for path in write_worlds(Path(fresh), seed)]
        _, changed, absent = filecmp.cmpfiles(fresh, place, [str(m) for m in made], shallow=False)
    if changed or absent:
        raise DataError(
            f"{place}: {len(changed)} files differ and {len(absent)} are missing "
            f"({', '.join([*changed, *absent])}). Run `evalkit synth` to make them again."
        )
    typer.echo(f"{len(made)} files in {place} are what seed {seed} makes, byte for byte.")
