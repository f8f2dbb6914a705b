"""Plans carried out: all trainings of one or many fits of the same events on one device."""

from __future__ import annotations

from collections.abc import Iterator

from tailscope.sample.sample import Sample
from tailscope.storage.cache import Cache, Entry

from .bench import Bench
from .gather import Gathering
from .job import Job
from .plan import Plan
from .progress import Listener
from .schedule import run_all


def out_of_fold(
    reference: Sample,
    generated: Sample,
    plan: Plan,
    store: Cache,
    tell: Listener,
    at_once: int | None = None,
    stacked: bool | None = None,
) -> Entry:
    """Train all networks of a fit and score every event: its entry in the cache (`Gathering.entry`)."""
    bench = Bench(reference, generated, plan.config)
    (gathering,) = carried_out(iter([(0, plan)]), plan.config.trainings, bench, store, tell, at_once, stacked)
    return gathering.entry(str(bench.pool.device), reference.level, bench.pool.n_inputs)


def carried_out(
    plans: Iterator[tuple[int, Plan]],
    of: int,
    bench: Bench,
    store: Cache,
    tell: Listener,
    at_once: int | None = None,
    stacked: bool | None = None,
) -> Iterator[Gathering]:
    """Carry out plans for the events of a bench, and give each as soon as all of its trainings are done.

    Parameters
    ----------
    plans, of: each made when there is room for its trainings, with the number of the first of these among
        so many in all.

    """
    waiting: dict[int, Gathering] = {}

    def jobs() -> Iterator[Job]:
        for first, plan in plans:
            gathering = Gathering(plan)
            for number, training in enumerate(plan.trainings(), first):
                waiting[number] = gathering
                yield Job(number, of, training)

    for job, trained in run_all(jobs(), bench, store, tell, at_once, stacked):
        gathering = waiting.pop(job.number)
        gathering.add(trained)
        if gathering.is_whole:
            yield gathering
