"""What several commands do: read, fit, check that a result can be written."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tailscope.config import FitConfig
from tailscope.errors import ConfigError, StudyError
from tailscope.fitting.fit import fit as fit_study
from tailscope.reading.load import read
from tailscope.reading.reading import Reading
from tailscope.sample.sample import Sample
from tailscope.storage.scratch import ScratchRows
from tailscope.study.study import Study
from tailscope_dashboard.state.permalink import follow, given_link
from tailscope_dashboard.state.state import State

from .sides import ROLES
from .terminal import err, out, print_study, remark


def load_sample(how: Reading) -> Sample:
    """Read a file of events, with a spinner."""
    with err.status(f"reading {how.path.name}"):
        return read(how)


def own_observables(texts: list[str] | None) -> dict[str, str]:
    """What ``--observable NAME=EXPRESSION`` said: name -> expression.

    Raises
    ------
    ConfigError: no name or no expression, a name given twice.

    """
    found: dict[str, str] = {}
    for text in texts or []:
        name, _, expression = (part.strip() for part in text.partition("="))
        if not name or not expression:
            raise ConfigError(f"--observable {text!r} is not NAME=EXPRESSION; write it like 'R=E_1/E_tot'")
        if name in found:
            raise ConfigError(f"--observable names {name!r} twice; choose another name for one of them")
        found[name] = expression
    return found


def numbers(option: str, text: str | None) -> tuple[int, ...]:
    """Whole numbers that an option names with commas between them; none where it is not given.

    Raises
    ------
    ConfigError: something else than numbers and commas.

    """
    try:
        return tuple(int(part) for part in text.split(",")) if text else ()
    except ValueError as error:
        raise ConfigError(f"{option} {text} names no epochs; write it like {option} 1,5,15") from error


def event_weight_of(role: str, texts: list[str] | None) -> str | None:
    """Column that ``--event-weight [reference=|generated=]COLUMN`` names for a role; None without any.

    Raises
    ------
    ConfigError: no column, or two for the same file.

    """
    found: list[str] = []
    for text in texts or []:
        which, _, column = next((p for p in map(text.partition, "=:") if p[0] in ROLES), (role, "", text))
        if not column.strip():
            raise ConfigError(f"--event-weight {text!r} names no column; write it like 'reference=weight'")
        if which == role:
            found.append(column.strip())
    if len(found) > 1:
        raise ConfigError(f"--event-weight names {found[0]} and {found[1]} for the {role} events; choose one")
    return found[0] if found else None


def say_inputs(sample: Sample) -> None:
    """Tell what the classifier sees and where it lies, where that is not what is usual."""
    if sample.level in {"high", "both"}:
        also = " and the low-level inputs" if sample.level == "both" else ""
        err.print(
            f"the classifier sees the observables{also}: {sample.n_inputs} numbers an event "
            "(--features low, high or both chooses)"
        )
    if isinstance(sample.features, ScratchRows):
        err.print(
            f"they stay on disk while it learns: {sample.features.nbytes / 1e9:.2f} GB in the cache folder, "
            "gone when this command ends"
        )


def say_remarks(*samples: Sample) -> None:
    """Tell how the files were read and matched: what was left out, what is undefined."""
    for sentence in dict.fromkeys(sentence for sample in samples for sentence in sample.remarks):
        remark(sentence)


def fit_and_save(
    ref: Sample,
    gen: Sample,
    config: FitConfig,
    output: Path,
    cache: Path | None,
    name: str,
    at_once: int | None = None,
) -> Study:
    """Learn the weights, write the study and print what was found."""
    study = fit_study(ref, gen, config=config, cache=cache, name=name, at_once=at_once)
    say_remarks(ref, gen)
    print_study(study, study.save(output), settings=False)
    return study


def say_next(*outputs: Path) -> None:
    """Name the command that shows the studies."""
    out.print(f"next: [bold]tailscope serve {' '.join(map(str, outputs))}[/]", soft_wrap=True)


def check_output(output: Path, *inputs: Path | None) -> None:
    """Find out before the work whether its result can be written.

    Raises
    ------
    StudyError: no such folder, one that cannot be written, an output that is a folder or one of the inputs.

    """
    if output.is_dir():
        raise StudyError(f"{output} is a folder; name a file in it, such as {output / 'photons.study.h5'}")
    if any(
        path is not None and path.exists() and output.exists() and path.samefile(output) for path in inputs
    ):
        raise StudyError(
            f"{output} is one of the inputs and would be overwritten; choose another name for -o"
        )
    try:
        with tempfile.TemporaryFile(dir=output.parent):
            pass
    except OSError as error:
        raise StudyError(
            f"{output} cannot be written: {error.strerror}; choose another folder for -o"
        ) from error


def follow_link(state: State, link: str) -> None:
    """Show what a permalink says; what it asks in vain is in the state's note.

    Raises
    ------
    ConfigError: it is no permalink.

    """
    from tailscope_dashboard.page.page import views_of

    follow(state, given_link(link), [view.title for view in views_of(state.studies)])


def make_folder(folder: Path) -> None:
    """Make a folder and those above it.

    Raises
    ------
    StudyError: it cannot be made.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudyError(
            f"{folder} cannot be made: {error.strerror}; choose another cache with --cache"
        ) from error
