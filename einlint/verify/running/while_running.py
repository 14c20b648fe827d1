"""What a job sets in torch while it runs: device, threads and TF32; all as before afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import torch

from einlint.verify.running.job import Job


@contextmanager
def set_for(job: Job) -> Iterator[None]:
    """Select the device of a job, its number of threads, and whether TF32 may be used."""
    matmul = torch.backends.cuda.matmul
    threads, tf32 = torch.get_num_threads(), matmul.allow_tf32
    is_here = job.backend.is_available(job.device)
    torch.set_num_threads(job.thread_count)
    if job.tf32 is not None:
        matmul.allow_tf32 = job.tf32
    try:
        with job.backend.selected(job.device) if is_here else nullcontext():
            yield
    finally:
        torch.set_num_threads(threads)
        if job.tf32 is not None:
            matmul.allow_tf32 = tf32
