"""`evalkit synth`: make the synthetic data again, or check that they are what would be made."""

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
) -> None:
    """Make the synthetic tables with known truth: the same seed gives the same bytes."""
    from evalkit.project import project_root
    from evalkit.synthetic.files import DEFAULT_SEED, write_worlds

    place = folder or project_root() / "data" / "synthetic"
    seed = DEFAULT_SEED if seed is None else seed
    if check:
        _check(place, seed)
        return
    written = write_worlds(place, seed)
    typer.echo(f"{len(written)} files written to {place} (seed {seed}).")


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
