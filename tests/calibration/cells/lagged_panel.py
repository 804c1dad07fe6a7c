"""What the lagged panel is asked, of trusts' staff and patients (`evalkit.synthetic.worlds`).

Per point of the staff measure, as the worlds' truth is.
"""

from cells.cell import Cell, lose

NAME = "lagged_panel"
TRUTH = ("effect_per_point_one_quarter_later", "overall")
PER_POINT = {"exposure_step": 1.0}


def ask(name: str, world: str, trusts: int, share_lost: float = 0.0) -> Cell:
    """Return a cell of so many trusts over 16 quarters."""
    alter = lose(share_lost) if share_lost else None
    return Cell(NAME, name, world, {"trusts": trusts}, PER_POINT, TRUTH, alter)


CELLS: tuple[Cell, ...] = (
    ask("effect", "effect", 130),
    ask("null", "null", 130),
    ask("confounded_between", "confounded_fixed", 130),
    ask("20_trusts", "effect", 20),
    ask("20_trusts_null", "null", 20),
    ask("20_percent_missing", "effect", 130, 0.2),
)
