"""`evalkit sweep`: what the runs of a sweep found together."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evalkit.errors import DataError, DisclosureError

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.fits.pooling import Pooled
    from evalkit.sweeps.files import SweepRun

_FEW = 5


def sweep(
    path: Annotated[Path, typer.Argument(help="A sweep's file in parameters/sweeps/.")],
    sites: Annotated[
        bool, typer.Option("--sites", help="The runs are of different sites: pool them.")
    ] = False,
    release: Annotated[
        bool, typer.Option("--release", help="Release its sealed runs, and a page of them all.")
    ] = False,
    approved_by: Annotated[
        str | None,
        typer.Option(help="Name of the person who approves; needed unless no data are real."),
    ] = None,
) -> None:
    """Gather a sweep's sealed runs into one table, and say what they show together."""
    from evalkit.project import project_root
    from evalkit.sweeps.files import read_sweep
    from evalkit.sweeps.results import collect_results, pool_results, write_results

    name, runs = read_sweep(path)
    found = collect_results(runs)
    print(f"{name}: {len(found.rows)} of {len(runs)} runs are sealed.")
    if found.missing:
        print(f"Missing: {_few(found.missing)}. Make them: evalkit run {path}")
    if found.rows.empty:
        return
    if found.unlike:
        _warn_of_mixture(found.unlike, path, release=release)
    rows = found.rows
    if sites:
        rows, pooled = pool_results(rows)
        _print_pooled(rows, pooled)
    else:
        _print_curve(rows, runs)
    written = write_results(rows, project_root() / "reports" / "sweeps" / name)
    print(f"Table: {written[0]}")
    if release:
        _release_all(name, runs, list(rows["study"]), approved_by, sites=sites)


def _warn_of_mixture(unlike: tuple[str, ...], path: Path, *, release: bool) -> None:
    """Say which runs rest on something else than the newest; a release of such is refused."""
    words = (
        f"Other data, code or packages than the newest run's stand behind {_few(unlike)} "
        f"({len(unlike)} in all), so that old and new would stand in one table."
    )
    advice = f"Make them again: evalkit run {path}"
    if release:
        raise DataError(f"{words} Nothing was released. {advice}")
    print(f"{words} {advice}")


def _release_all(
    name: str, runs: "list[SweepRun]", sealed: list[str], approved_by: str | None, *, sites: bool
) -> None:
    """Release each sealed run by the rules of any study, then write the page of them all."""
    from evalkit.cli.decide import look_by_plan
    from evalkit.disclosure.release import release_study, released_home
    from evalkit.runs.confirm import confirm_fresh
    from evalkit.runs.listing import find_run
    from evalkit.sweeps.released import write_released_sweep

    refused = []
    for study in sealed:
        try:
            look_by_plan(study, None)
            run = confirm_fresh(find_run(study))
            outcome = release_study(run.folder, approved_by=approved_by)
        except DisclosureError as fault:
            refused.append(study)
            print(fault)
        else:
            print(f"{study}: released (version {outcome.version}).")
    path = write_released_sweep(name, runs, released_home(), sites=sites)
    print(f"{len(sealed) - len(refused)} runs are released. Page: sweep?sweep={path.stem}")
    if refused:
        raise DisclosureError(
            f"{name}: {len(refused)} runs were not released ({_few(tuple(refused))}). The page "
            "leaves them out, and says how many."
        )


def _print_pooled(rows: "pd.DataFrame", pooled: "Pooled") -> None:
    effect, (low, high) = pooled.effect, pooled.predicted
    far = rows.loc[rows["p_holm"] < 1 - effect.level, "study"]
    print(
        f"Pooled over {pooled.sites} sites: {effect.estimate:.3g} "
        f"({100 * effect.level:g}% interval {effect.conf_low:.3g} to {effect.conf_high:.3g}); "
        f"in a new site it would lie between {low:.3g} and {high:.3g}."
    )
    print(f"Sites that lie further out than chance explains: {_few(tuple(far)) or 'none'}.")


def _print_curve(rows: "pd.DataFrame", runs: "list[SweepRun]") -> None:
    from evalkit.sweeps.results import curve_of

    curve = curve_of(rows)
    low, high = rows["estimate"].min(), rows["estimate"].max()
    print(
        f"Estimates from {low:.3g} to {high:.3g}, half of them above {curve.median:.3g}; "
        f"{100 * curve.share_beyond_zero:.0f}% of the intervals leave zero out on one side."
    )
    varied = [name for name in runs[0].varied if len(rows[name].unique()) > 1]
    claims = rows["claim"].value_counts()
    print("Claims: " + "; ".join(f"{claim} ({count})" for claim, count in claims.items()) + ".")
    for name in varied:
        medians = rows.groupby(name, dropna=False)["estimate"].median()
        print(f"  {name}: " + ", ".join(f"{v} {m:.3g}" for v, m in medians.items()))


def _few(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:_FEW])
    return shown if len(names) <= _FEW else f"{shown} and {len(names) - _FEW} more"
