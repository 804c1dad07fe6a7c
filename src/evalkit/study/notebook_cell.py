"""Read a notebook's cell tagged `parameters` by its syntax tree."""

import ast
import io
import json
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.errors import ParameterError
from evalkit.study.matching import suggest
from evalkit.study.plain_values import find_value_faults, shorten
from evalkit.study.schema import StudyParameters

_TAG = "parameters"
_TOO_MUCH = (SyntaxError, ValueError, RecursionError, MemoryError)


@dataclass(frozen=True, slots=True)
class CellParameter:
    """One name of the parameters cell, its default, and the help written beside it."""

    name: str
    default: object
    help: str


def read_parameters_cell(notebook_path: Path) -> list[CellParameter]:
    """Read the names, literal defaults and `# help` comments of the one tagged cell.

    Refuses a file that is not a whole notebook of format 4, none or several tagged cells,
    anything in the cell but literal assignments, and a name assigned twice.
    """
    source = _find_cell(_read_notebook(notebook_path), str(notebook_path))
    where = f"{notebook_path}: the parameters cell"
    try:
        statements = ast.parse(source).body
    except _TOO_MUCH as fault:
        line = getattr(fault, "lineno", None) or 1
        raise ParameterError(
            f"{where}, line {line}, is not Python. Write one `name = value  # help` a line."
        ) from None
    comments = _read_comments(source)
    faults: list[str] = []
    found = [_read_statement(statement, comments, faults) for statement in statements]
    parameters = [parameter for parameter in found if parameter is not None]
    faults += _find_repeated([parameter.name for parameter in parameters])
    if faults:
        shown = "\n".join(f"  {fault}" for fault in faults)
        raise ParameterError(
            f"{where} may hold only `name = value  # help`, one a line, each name once:\n{shown}"
        )
    return parameters


def check_cell_against_schema(notebook: Path, schema: type[StudyParameters]) -> None:
    """Refuse a cell that does not assign exactly the names of the schema."""
    names = [parameter.name for parameter in read_parameters_cell(notebook)]
    known = list(schema.model_fields)
    faults = [
        f"{name}: not in the schema.{suggest(name, known)}" for name in names if name not in known
    ]
    faults += [f"{name}: not in the cell." for name in known if name not in names]
    if faults:
        shown = "\n".join(f"  {fault}" for fault in faults)
        raise ParameterError(
            f"{notebook}: the parameters cell and the schema {schema.__name__} differ in "
            f"{len(faults)} names. Give both the same names.\n{shown}"
        )


def _read_notebook(path: Path) -> dict[str, Any]:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise ParameterError(
            f"{path}: no such notebook, or it cannot be read. Give the path of an .ipynb file."
        ) from None
    except (ValueError, RecursionError):
        raise ParameterError(
            f"{path}: not a whole notebook (it is not JSON, or its end is missing). "
            "Restore it from version control, or save it again in JupyterLab."
        ) from None
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4:
        raise ParameterError(
            f"{path}: not a notebook of format 4. Open it in JupyterLab and save it again."
        )
    cells = notebook.get("cells")
    broken = 0 if not isinstance(cells, list) else sum(not _is_whole(cell) for cell in cells)
    if broken:
        raise ParameterError(
            f"{path}: {broken} of {len(notebook['cells'])} cells are broken (a cell has its type "
            "and its text). Restore it from version control, or write them anew in JupyterLab."
        )
    return notebook


def _is_whole(cell: object) -> bool:
    """Tell whether a cell has what all that read a notebook rely on."""
    if not isinstance(cell, dict) or not isinstance(cell.get("cell_type"), str):
        return False
    source = cell.get("source")
    parts = source if isinstance(source, list) else [source]
    return all(isinstance(part, str) for part in parts)


def _find_cell(notebook: dict[str, Any], where: str) -> str:
    cells = notebook.get("cells")
    tagged = [cell for cell in cells if _is_tagged(cell)] if isinstance(cells, list) else []
    if len(tagged) != 1:
        raise ParameterError(
            f"{where}: {len(tagged)} cells are tagged `{_TAG}`. Tag exactly one code cell, "
            "or its parameters would be passed over."
        )
    source = tagged[0].get("source")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if tagged[0].get("cell_type") != "code" or not isinstance(source, str):
        raise ParameterError(f"{where}: the cell tagged `{_TAG}` is no code cell. Make it one.")
    return source


def _is_tagged(cell: object) -> bool:
    metadata = cell.get("metadata") if isinstance(cell, dict) else None
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return isinstance(tags, list) and _TAG in tags


def _read_statement(
    statement: ast.stmt, comments: dict[int, str], faults: list[str]
) -> CellParameter | None:
    target, value = _split_assignment(statement)
    line = f"line {statement.lineno}"
    if target is None or value is None:
        faults.append(f"{line}: not an assignment of one name")
        return None
    try:
        default = ast.literal_eval(value)
    except _TOO_MUCH:
        faults.append(f"{line}: the value of {shorten(target)} is not a literal")
        return None
    problems = find_value_faults(target, default) + _find_repeated_keys(target, value)
    if problems:
        faults.extend(f"{line}: {problem}" for problem in problems)
        return None
    first, last = statement.lineno, statement.end_lineno or statement.lineno
    return CellParameter(target, default, comments.get(last) or comments.get(first, ""))


def _split_assignment(statement: ast.stmt) -> tuple[str | None, ast.expr | None]:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target: ast.expr = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign):
        target = statement.target
    else:
        return None, None
    return (target.id if isinstance(target, ast.Name) else None), statement.value


def _find_repeated_keys(name: str, value: ast.expr) -> list[str]:
    keys = [
        [key.value for key in node.keys if isinstance(key, ast.Constant)]
        for node in ast.walk(value)
        if isinstance(node, ast.Dict)
    ]
    return [
        f"{name}: a name in it is given twice" for found in keys if len(set(found)) < len(found)
    ]


def _find_repeated(names: list[str]) -> list[str]:
    return [
        f"{name}: assigned {names.count(name)} times"
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]


def _read_comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        token.start[0]: token.string.lstrip("#").strip()
        for token in tokens
        if token.type == tokenize.COMMENT
    }
