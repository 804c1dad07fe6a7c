"""The small design and its worlds, as the tests of checks use them."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

_PLACE = Path(__file__).resolve().parents[1] / "checks" / "of_designs" / "conftest.py"
_spec = spec_from_file_location("worlds_of_checks", _PLACE)
assert _spec is not None and _spec.loader is not None
_worlds = module_from_spec(_spec)
_spec.loader.exec_module(_worlds)

small, make, parameters = _worlds.small, _worlds.make, _worlds.parameters
