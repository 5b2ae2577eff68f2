"""Which process of how many this is, as launchers say it in the environment."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import Final, NamedTuple

#: The number of a process and of how many, by launcher: torchrun and accelerate, Open MPI, MPICH and Intel MPI,
#: SLURM, JAX.
_variables: Final = (
    ("RANK", "WORLD_SIZE"),
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    ("PMI_RANK", "PMI_SIZE"),
    ("PMIX_RANK", "OMPI_COMM_WORLD_SIZE"),
    ("JAX_PROCESS_INDEX", "JAX_PROCESS_COUNT"),
    ("JAX_PROCESS_ID", "JAX_NUM_PROCESSES"),
    ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS"),
)


class Rank(NamedTuple):
    """One of several processes that write one run."""

    number: int
    of: int
    #: The same for all processes of a job; None when the launcher says nothing that tells jobs apart.
    job: str | None

    @property
    def label(self) -> str:
        """How this process is shown beside the others."""
        return f"rank {self.number} · {host_name()}"

    def run_id(self, project: str) -> str | None:
        """The id that all ranks of the job make up alike."""
        if self.job is None:
            return None
        import hashlib

        return hashlib.sha256(f"{project}\0{self.job}".encode()).hexdigest()[:32]


def find_rank(environment: Mapping[str, str] = os.environ) -> Rank | None:
    """Which rank this is; None when the process is not one of several."""
    for number_variable, size_variable in _variables:
        try:
            number = int(environment[number_variable])
            of = int(environment[size_variable])
        except (KeyError, ValueError):
            continue
        if of > 1 and 0 <= number < of:
            return Rank(number, of, _job(environment))
    return None


def _job(environment: Mapping[str, str]) -> str | None:
    """What all processes of a job have in common, and another job has not."""
    torch_elastic = environment.get("TORCHELASTIC_RUN_ID")
    # torchrun without a rendezvous calls every job "none".
    if torch_elastic and torch_elastic != "none":
        return f"torch {torch_elastic}"
    # The id of a batch job alone would not do: its script may start one training after the other.
    if environment.get("SLURM_JOB_ID") and environment.get("SLURM_STEP_ID"):
        restart = environment.get("SLURM_RESTART_COUNT", "")
        return f"slurm {environment['SLURM_JOB_ID']}.{environment['SLURM_STEP_ID']}.{restart}"
    address = environment.get("MASTER_ADDR")
    if not address:
        return None
    job = f"master {address}:{environment.get('MASTER_PORT', '')} {environment.get('SLURM_JOB_ID', '')}"
    is_one_host = environment.get("LOCAL_WORLD_SIZE") == environment.get("WORLD_SIZE")
    if is_one_host or address in ("localhost", "127.0.0.1"):
        # The next job may well use the same port; the launcher, which is the parent of all its ranks, is another.
        return f"{job} {os.getppid()}"
    return job


def host_name() -> str:
    """This machine's name, as people call it."""
    return socket.gethostname().split(".")[0] or "localhost"
