"""A kernel that a fork server makes, for whoever starts kernels through jupyter_client."""

import os
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from evalkit.runs.warm_process import WARM_VARIABLE, start_warm

LAUNCHER = "ipykernel_launcher"


class WarmProvisioner(LocalProvisioner):
    """Starts a Python kernel as a fork of a process that has imported the stack already.

    Any other kernel, and any kernel where no fork server answers at the address that
    `EVALKIT_WARM` names, is started afresh.
    """

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Launch the kernel that a command names."""
        address = os.environ.get(WARM_VARIABLE)
        if not address or LAUNCHER not in cmd:
            return await super().launch_kernel(cmd, **kwargs)
        environment = dict(kwargs.get("env") or os.environ)
        environment.pop(WARM_VARIABLE, None)
        nowhere = os.open(os.devnull, os.O_RDWR)
        try:
            kernel: Any = start_warm(
                "kernel",
                cmd[cmd.index(LAUNCHER) + 1 :],
                address=address,
                environment=environment,
                folder=Path(kwargs.get("cwd") or Path.cwd()),
                files=(nowhere, nowhere, nowhere),
            )
        except (OSError, EOFError):
            return await super().launch_kernel(cmd, **kwargs)
        finally:
            os.close(nowhere)
        self.process = kernel
        self.pid = self.pgid = kernel.pid
        self.cwd = kwargs.get("cwd")
        return self.connection_info
