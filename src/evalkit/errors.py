"""Everything a user can get wrong, how it ends, and the exit code that says so."""

from enum import StrEnum


class Status(StrEnum):
    """How a run ended, as the runner saw it (never as the notebook's metadata claims)."""

    OK = "ok"
    BUG = "bug"
    INVALID_PARAMETERS = "invalid_parameters"
    INVALID_DATA = "invalid_data"
    BLOCKED = "blocked"
    TIMEOUT = "timeout"
    KERNEL_DIED = "kernel_died"
    NO_MEMORY = "no_memory"
    NO_SPACE = "no_space"
    ENVIRONMENT = "environment"
    INTERRUPTED = "interrupted"
    ANALYSIS_ERROR = "analysis_error"
    EARLY_EXIT = "early_exit"
    LOCKED = "locked"


EXIT_CODES: dict[Status, int] = {
    Status.OK: 0,
    Status.BUG: 1,
    Status.INVALID_PARAMETERS: 2,
    Status.INVALID_DATA: 3,
    Status.BLOCKED: 4,
    Status.TIMEOUT: 5,
    Status.KERNEL_DIED: 5,
    Status.NO_MEMORY: 5,
    Status.NO_SPACE: 5,
    Status.ENVIRONMENT: 6,
    Status.INTERRUPTED: 7,
    Status.ANALYSIS_ERROR: 8,
    Status.EARLY_EXIT: 8,
    Status.LOCKED: 9,
}


class EvalkitError(Exception):
    """A fault the user can mend, shown as *where: what is wrong. What to do next.*

    The message may repeat parameter values and names of columns, counts and row
    numbers. It never repeats a value out of the data.
    """

    status = Status.BUG

    @property
    def exit_code(self) -> int:
        """Exit code of the command that ends with this fault."""
        return EXIT_CODES[self.status]

    def _render_traceback_(self) -> list[str]:
        """Let IPython show the message alone: a traceback could carry data values."""
        return [f"{type(self).__name__}: {self}"]


class ParameterError(EvalkitError):
    """A parameter file, a parameter's value, or a notebook's parameters cell is wrong."""

    status = Status.INVALID_PARAMETERS


class DataError(EvalkitError):
    """A data file cannot be read, or does not hold what the study needs."""

    status = Status.INVALID_DATA


class DisclosureError(EvalkitError):
    """Something would be released that may not be."""

    status = Status.BLOCKED


class ResourceError(EvalkitError):
    """The disk, memory or time at hand did not suffice."""

    status = Status.NO_SPACE


class EnvironmentFault(EvalkitError):
    """Something outside the project is missing: a variable, a driver, a browser."""

    status = Status.ENVIRONMENT


class AnalysisError(EvalkitError):
    """The design cannot be estimated on these data."""

    status = Status.ANALYSIS_ERROR


class LockedError(EvalkitError):
    """Another run of the same study is under way."""

    status = Status.LOCKED


class RunError(EvalkitError):
    """A run ended without a result; the status says how."""

    def __init__(self, message: str, status: Status) -> None:
        super().__init__(message)
        self.status = status
