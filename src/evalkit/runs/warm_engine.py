"""A papermill engine whose kernels are forks: `papermill.execute_notebook(..., engine_name=...)`.

`evalkit_warm` serves whoever runs many notebooks from one Python process of their own; `evalkit
run` does the same without it. The first notebook waits for the imports, the others do not.
"""

import os
from typing import Any

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from papermill.engines import NBClientEngine

from evalkit.runs.warm_process import WARM_VARIABLE, own_stack

PROVISIONER = "evalkit-warm"
"""Name under which pyproject.toml registers `warm_provisioner.WarmProvisioner`."""


class WarmEngine(NBClientEngine):  # type: ignore[misc]
    """papermill's own engine, with kernels that have imported the stack already."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> Any:
        """Run a notebook in a fork; afresh where this machine has no fork server."""
        address = own_stack()
        factory = KernelProvisionerFactory.instance()
        before = factory.default_provisioner_name
        if address is not None:
            os.environ[WARM_VARIABLE] = address
            factory.default_provisioner_name = PROVISIONER
        try:
            return super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
        finally:
            os.environ.pop(WARM_VARIABLE, None)
            factory.default_provisioner_name = before
