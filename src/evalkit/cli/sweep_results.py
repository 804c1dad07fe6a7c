"""`evalkit sweep`: what the runs of a sweep found together."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
    rows = found.rows
    if sites:
        rows, pooled = pool_results(rows)
        _print_pooled(rows, pooled)
    else:
        _print_curve(rows, runs)
    written = write_results(rows, project_root() / "reports" / "sweeps" / name)
    print(f"Table: {written[0]}")


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
