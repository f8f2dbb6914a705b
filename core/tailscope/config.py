"""FitConfig: every setting of a fit, validated, with the presets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal, TypeGuard, get_args

from .errors import ConfigError

if TYPE_CHECKING:
    from .sample.sample import Sample

Schedule = Literal["plateau", "one-cycle"]
Protocol = Literal["crossfit", "split"]
Rule = Literal["logit", "probability"]
RULES: tuple[Rule, ...] = get_args(Rule)
"""How outputs are combined; see `combine.combined`."""
Method = Literal["isotonic", "platt"]
METHODS: tuple[Method, ...] = get_args(Method)
"""Of recalibration; see `recalibration`."""
Recalibrate = Literal["none", "isotonic", "platt"]
Seen = Literal["all", "paper"]
SEEN: tuple[Seen, ...] = get_args(Seen)
"""What networks see of an event; see `FitConfig.inputs`."""
NETWORKS = ("auto", "mlp", "bayesian", "particlenet-lite", "trees", "quadratic", "additive")
SOLVED = ("trees", "quadratic", "additive")
"""Networks that are none: no epochs of gradient descent (`fitting.solving`)."""
MANY_INPUTS = 200
"""From so many inputs on, they are taken for voxels."""
MOST_WHITENED = 2000
"""Inputs that are decorrelated at most: it takes a matrix of their number squared."""
AUTO = ("auto",)
"""Candidates that `FitConfig.for_sample` chooses."""

CANDIDATES: dict[str, dict[str, Any]] = {
    # What whitened inputs tell one by one is found best, and fastest, in one wide layer.
    "shallow": {"layers": 1, "hidden": 256, "dropout": 0.0, "input_dropout": 0.2, "weight_decay": 0.1},
    "small": {"layers": 2, "hidden": 64, "dropout": 0.3, "input_dropout": 0.0, "weight_decay": 0.3},
    # What depends on several inputs together, such as a resolution at each energy; learns noise by heart.
    "deep": {"layers": 3, "hidden": 128, "dropout": 0.1, "input_dropout": 0.0, "weight_decay": 2.5},
    # The little that few events tell, and correlations.
    "quadratic": {"network": "quadratic"},
    # The little that the tails of single inputs tell.
    "additive": {"network": "additive"},
    # Edges along single inputs, and little signal in many of them.
    "trees": {"network": "trees"},
}
"""Kinds of classifiers that a fit can train side by side; see ``FitConfig.candidates``."""
FEW = ("small", "deep", "quadratic", "additive", "trees")
MANY = ("shallow", "quadratic", "trees")
"""Those of the preset fast, for fewer and for more than `MANY_INPUTS` inputs,"""
ALL = tuple(CANDIDATES)
"""and those of the preset best."""
SHAPE = ("layers", "hidden", "dropout", "input_dropout", "weight_decay")
"""Settings that candidates differ in."""

PRESETS: dict[str, dict[str, Any]] = {
    # Table 1 of the paper, calorimeter column, and the inputs of its Sec. 4. On 24,000 showers it learns
    # nothing, and the cross-entropy is ln 2 (docs/paper.md).
    "paper-calo": {
        "layers": 3, "hidden": 512, "dropout": 0.1, "batch_size": 1000, "epochs": 150,
        "learning_rate": 1e-3, "schedule": "plateau", "weight_decay": 0.0, "average": 0.0, "patience": 0,
        "compress": False, "input_dropout": 0.0, "whiten": False, "fewest_batches": 0,
        "candidates": (), "inputs": "paper",
    },
    # Table 1 of the paper, events column.
    "paper-events": {
        "layers": 5, "hidden": 256, "dropout": 0.1, "batch_size": 1024, "epochs": 50,
        "learning_rate": 1e-3, "schedule": "plateau", "weight_decay": 0.0, "average": 0.0, "patience": 0,
        "compress": False, "input_dropout": 0.0, "whiten": False, "fewest_batches": 0,
        "candidates": (), "inputs": "all",
    },
    # ParticleNet-Lite's recipe (arXiv:1902.08570, Sec. IV; weight decay 1e-4 for its seven inputs). With
    # protocol="split", members=5, best_epochs=5 it makes the 25 outputs of Sec. 3 of the paper. The sizes of
    # the perceptron are for jets without particles.
    "paper-jets": {
        "layers": 5, "hidden": 256, "dropout": 0.1, "batch_size": 1024, "epochs": 20,
        "learning_rate": 5e-3, "schedule": "one-cycle", "weight_decay": 1e-4 * 100 / 7, "average": 0.0,
        "patience": 0, "compress": False, "input_dropout": 0.0, "whiten": False, "fewest_batches": 0,
        "candidates": (), "inputs": "paper",
    },
    # Several small classifiers of different kinds on whitened inputs, each on one warm-up-and-cosine cycle
    # with averaged parameters, and stacked by what they tell of events that none of them saw. Alone (see
    # ``candidates``), the perceptron of these settings. No early stop: the validation loss often rises before
    # the rate falls, and what the end of the cycle gains would be lost.
    "fast": {
        "layers": 3, "hidden": 128, "dropout": 0.1, "batch_size": 1024, "epochs": 15,
        "learning_rate": 4e-3, "schedule": "one-cycle", "weight_decay": 2.5, "average": 0.998, "patience": 0,
        "compress": "auto", "input_dropout": 0.0, "whiten": True, "fewest_batches": 400,
        "candidates": AUTO, "inputs": "all",
    },
    # All candidates, two of each, and longer: ten times the time of "fast".
    "best": {
        "layers": 3, "hidden": 128, "dropout": 0.1, "batch_size": 1024, "epochs": 25,
        "learning_rate": 4e-3, "schedule": "one-cycle", "weight_decay": 2.5, "average": 0.998, "patience": 0,
        "compress": "auto", "input_dropout": 0.0, "whiten": True, "fewest_batches": 700,
        "candidates": ALL, "members": 2, "inputs": "all",
    },
}  # fmt: skip


@dataclass(frozen=True)
class FitConfig:
    """Settings of a fit; what is None is taken from the preset.

    Attributes
    ----------
    preset: "fast" (the default), "best" (ten times the time), "paper-calo", "paper-events" (Table 1 of the
        paper) or "paper-jets".
    folds: number of cross-fitting folds; each event is scored by networks that never saw its fold.
    protocol: "crossfit" scores every event out of fold; "split" makes the first fold the test sample, trains
        on the others once, and leaves all but the test events out of the study. With 5 folds and
        ``validation=0.25`` that is the 60:20:20 of Table 1.
    members: trainings of each candidate a fold; 1, and 2 for the preset "best".
    best_epochs: networks kept of each training, those of the lowest validation losses; 5 members of 5 best
        epochs are the 25 outputs of Sec. 3.
    combine: "logit" averages the log weights of all of these, "probability" their C; see `combine.combined`.
    seed: of folds, initialisation, order of batches and dropout.
    device: "auto" (CUDA, else Apple's MPS, else CPU), "cpu", "cuda", "cuda:1", "mps".
    validation: part of the training folds that chooses the epoch and lowers the rate.
    candidates: names of `CANDIDATES`, all of which are trained in each fold and then stacked,

            log w = sum_c a_c l_c + b,    a_c >= 0,

        with the a_c and b of lowest cross-entropy on the out-of-fold events of the *other* folds: the
        held-out loss chooses the kind, its regularisation and a recalibration at once (`fitting.stacking`).
        ("auto",) are three or five of them by the number of inputs. () is the one network of the settings
        below; it is taken where ``network`` or one of layers, hidden, dropout, input_dropout and weight_decay
        is given, or several ``best_epochs``, or ``watch_epochs``.
    network: "mlp" is the perceptron of Table 1, "particlenet-lite" looks at the particles of jets; "auto"
        takes candidates, where the preset has any, else "particlenet-lite" for samples that have particles.
        "bayesian" is the perceptron with a posterior for each weight; see ``posterior_samples``. "trees" are
        gradient-boosted trees (`classifier.trees`), a second opinion that shares no fault with networks;
        "quadratic" is a quadratic form of whitened inputs (`classifier.quadratic`), "additive" a smooth
        function of each input (`classifier.additive`), or of each observable where inputs are many.
    layers, hidden, dropout: the perceptron: layers x (linear, leaky ReLU, dropout), then one output.
        Of ParticleNet-Lite only the dropout can be set.
    input_dropout: part of the perceptron's inputs that a batch does without, all of its events the same.
    weight_decay: decoupled weight decay (AdamW) for each 100 inputs of the first layer.
    batch_size, epochs, learning_rate, schedule: of Adam; "plateau" is
        x 0.1 after 5 epochs without improvement, "one-cycle" a linear warm-up and a cosine to zero.
    fewest_batches: of a training: batches are made smaller, down to 256 events, until there are so many.
    average: decay a batch of the exponential moving average of the parameters; 0 for none.
    patience: stop after so many epochs without improvement of the validation loss; 0 for never.
    whiten: whether a perceptron sees inputs that are decorrelated: the normal score of each input's rank
        among the training events, rotated to principal components of unit variance (`classifier.whitening`).
        Up to 2,000 inputs; more of them, and networks with ``whiten=False``, are standardised.
    compress: whether 200 or more standardised inputs z become sign(z) log(1 + |z|), and fewer inputs do so
        from 3 standard deviations on; rarely hit voxels lie up to 40 standard deviations out, and the network
        would learn these events by heart. "auto" (that of "fast") does so for all but Z + jets: their edges
        lie far out (1/Delta R of jets nearer than their radius), and the network would not see them.
    inputs: "all" that samples hold, or what the classifiers of the "paper" saw and as they saw it
        (`fitting.sight`): of showers the energies of voxels, not standardised, and logarithms of those of
        layers and of the incident energy; of jets, with ParticleNet-Lite, the particles alone. That of
        "paper-calo" and "paper-jets"; all other events, perceptrons on jets, and what is whitened have "all".
        Of the bundled 24,000 showers "paper-calo" then learns nothing: its cross-entropy is 0.6933, and
        ln 2 = 0.6931 that of guessing (docs/paper.md).
    recalibrate: "isotonic" or "platt" to recalibrate the weights (`Study.recalibrated`); "none" leaves them.
    posterior_samples: draws of all weights from the posterior of a Bayesian network, each of which scores
        all events and is a member of their weights. Their spread `sigma_log_w` says how well the training
        events fix the weights of this network: it grows where they are few, and beyond them. It does not
        hold what all draws have in common: what the network cannot express, what the prior holds back, and
        what another initialisation or validation part would change (``members`` may be more than one here
        too). A mean-field posterior knows no correlations of weights, so that it is an estimate.
    prior_sigma: standard deviation of the Gaussian prior of a Bayesian network's weights around 0, times the
        square root of the inputs of their layer. The prior stands in for dropout and weight decay.
    initial_sigma: where the posterior's standard deviations start, in units of the prior's.
    temperature: T in the loss BCE + T KL/N of a Bayesian network. T = 1 is the variational bound, but the
        draws of P independent weights scatter log w by about 2 sqrt(P/N), so that it gives up most weights
        of this size of network, and with them what can be learned. On 10,000 + 10,000 events of a Gaussian
        pair (benchmarks/bayesian.py), log w rose with the exact one by 0.68 at T = 1, 0.91 at T = 0.1 and
        0.95 at T = 0.03; pulls of log w had an RMS of 0.64, 0.85 and 1.16. T < 1 is a cold posterior (Wenzel
        et al., arXiv:2002.02405).
    watch_epochs: epochs after which the weights of all events are kept besides the final ones, as in Fig. 15
        of the paper; see `Study.epochs`.

    Raises
    ------
    ConfigError: a value that makes no sense.

    """

    preset: str = "fast"
    folds: int = 5
    members: int | None = None
    seed: int = 0
    device: str = "auto"
    validation: float = 0.15
    protocol: Protocol = "crossfit"
    best_epochs: int = 1
    combine: Rule = "logit"
    candidates: tuple[str, ...] | None = None
    network: str = "auto"
    layers: int | None = None
    hidden: int | None = None
    dropout: float | None = None
    input_dropout: float | None = None
    batch_size: int | None = None
    epochs: int | None = None
    learning_rate: float | None = None
    schedule: Schedule | None = None
    weight_decay: float | None = None
    average: float | None = None
    patience: int | None = None
    fewest_batches: int | None = None
    whiten: bool | None = None
    compress: bool | Literal["auto"] | None = None
    inputs: Seen | None = None
    recalibrate: Recalibrate = "none"
    posterior_samples: int = 20
    prior_sigma: float = 1.0
    initial_sigma: float = 0.1
    temperature: float = 0.1
    watch_epochs: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.preset not in PRESETS:
            raise ConfigError(f"there is no preset {self.preset!r}; choose from {', '.join(PRESETS)}")
        preset = {"members": 1} | PRESETS[self.preset]
        named = self.candidates not in (None, AUTO)
        if (
            any(getattr(self, name) not in (None, preset[name]) for name in SHAPE)
            or self.network not in (("auto", "mlp") if named else ("auto",))
            or self.best_epochs > 1
            or self.watch_epochs
        ):
            object.__setattr__(self, "candidates", ())
        for name, value in preset.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, value)
        object.__setattr__(self, "watch_epochs", cleaned(self.watch_epochs))
        object.__setattr__(self, "candidates", tuple(self.candidates or ()))
        epochs = self.settings.epochs
        rules = {
            "folds": (self.folds >= 2, "at least 2"),
            "protocol": (self.protocol in ("crossfit", "split"), "crossfit or split"),
            "members": (self.members_each >= 1, "at least 1"),
            "candidates": (
                self.candidates == AUTO or set(self.kinds) <= set(CANDIDATES),
                "some of " + ", ".join(CANDIDATES),
            ),
            "epochs": (epochs >= 1, "at least 1"),
            "best_epochs": (1 <= self.best_epochs <= epochs, f"1 to {epochs}, the number of epochs"),
            "combine": (self.combine in RULES, " or ".join(RULES)),
            "recalibrate": (self.recalibrate in ("none", *METHODS), " or ".join(("none", *METHODS))),
            "network": (self.network in NETWORKS, " or ".join(NETWORKS)),
            "seed": (self.seed >= 0, "at least 0"),
            "validation": (0 < self.validation < 1, "a part between 0 and 1"),
            "layers": (self.settings.layers >= 1, "at least 1"),
            "hidden": (self.settings.hidden >= 1, "at least 1"),
            "dropout": (0 <= self.settings.dropout < 1, "from 0 to less than 1"),
            "batch_size": (self.settings.batch_size >= 2, "at least 2"),
            "learning_rate": (0 < self.settings.learning_rate < 1, "between 0 and 1"),
            "schedule": (self.schedule in ("plateau", "one-cycle"), "plateau or one-cycle"),
            "input_dropout": (0 <= self.settings.input_dropout < 1, "from 0 to less than 1"),
            "fewest_batches": (self.settings.fewest_batches >= 0, "at least 0"),
            "weight_decay": (self.settings.weight_decay >= 0, "at least 0"),
            "average": (0 <= self.settings.average < 1, "from 0 to less than 1"),
            "patience": (self.settings.patience >= 0, "at least 0"),
            "inputs": (self.inputs in SEEN, " or ".join(SEEN)),
            "compress": (self.compress in (True, False, "auto"), "True, False or auto"),
            "posterior_samples": (self.posterior_samples >= 2, "at least 2"),
            "prior_sigma": (self.prior_sigma > 0, "more than 0"),
            "initial_sigma": (self.initial_sigma > 0, "more than 0"),
            "temperature": (self.temperature >= 0, "at least 0"),
            "watch_epochs": (
                all(1 <= epoch <= epochs for epoch in self.watch_epochs),
                f"from 1 to {epochs}, the number of epochs",
            ),
        }
        for name, (holds, allowed) in rules.items():
            if not holds:
                raise ConfigError(f"{name} = {getattr(self, name)!r} makes no sense; it has to be {allowed}")

    @property
    def scored_folds(self) -> int:
        """Folds whose events get weights: all of them, or the test sample alone."""
        return self.folds if self.protocol == "crossfit" else 1

    @property
    def members_each(self) -> int:
        """``members``, which the preset has set."""
        return self.members or 0

    @property
    def kinds(self) -> tuple[str, ...]:
        """Candidates of each fold; () for one network alone."""
        return self.candidates or ()

    @property
    def networks(self) -> int:
        """Trainings a fold: one for each candidate and member."""
        return max(1, len(self.kinds)) * self.members_each

    @property
    def trainings(self) -> int:
        """Trainings of all scored folds."""
        return self.scored_folds * self.networks

    @property
    def outputs(self) -> int:
        """Log weights that one network gives to an event: draws from the posterior, or just one."""
        return self.posterior_samples if self.network == "bayesian" else 1

    @property
    def settings(self) -> TrainingSettings:
        """What the training of one network alone needs, all of it set."""
        values = {f.name: getattr(self, f.name) for f in fields(TrainingSettings)}
        return TrainingSettings(**values | {"compress": bool(self.compress), "whiten": bool(self.whiten)})

    def settings_of(self, kind: str) -> TrainingSettings:
        """What the training of a candidate needs; "" for one network alone."""
        return replace(self.settings, **CANDIDATES[kind]) if kind else self.settings

    def for_sample(self, sample: Sample, other: Sample | None = None) -> FitConfig:
        """The same settings with the candidates, the network and the inputs that "auto" stands for.

        Parameters
        ----------
        sample, other: the pair; negative event weights in either leave no room for trees among candidates.

        Raises
        ------
        ConfigError: a network for particles, and events that have none; trees alone, and negative event
            weights.

        """
        if self.compress == "auto":
            return self.with_(compress=sample.domain != "events").for_sample(sample, other)
        if self.whiten and (sample.n_inputs > MOST_WHITENED or self.network in ("particlenet-lite", "trees")):
            return self.with_(whiten=False).for_sample(sample, other)
        if self.candidates == AUTO:
            chosen: tuple[str, ...] = MANY if sample.n_inputs >= MANY_INPUTS else FEW
            return self.with_(candidates=chosen).for_sample(sample, other)
        negative = [one.name for one in (sample, other) if _has_negative(one)]
        if negative and "trees" in (self.network, *self.kinds):
            kinds = tuple(kind for kind in self.kinds if kind != "trees")
            if not kinds:
                raise ConfigError(
                    f"{negative[0]} has negative event weights, from which trees cannot be grown; "
                    "choose the network mlp or auto"
                )
            return self.with_(candidates=kinds).for_sample(sample, other)
        if self.network == "auto":
            particles = sample.particles is not None and not self.candidates
            return self.with_(network="particlenet-lite" if particles else "mlp").for_sample(sample, other)
        if self.network == "particlenet-lite" and sample.particles is None:
            raise ConfigError(
                f"{sample.name} holds {sample.domain} events without particles, which "
                "particlenet-lite needs; choose the network mlp or auto"
            )
        if self.inputs == "paper" and not self._can_see_as_in_paper(sample):
            return self.with_(inputs="all")
        return self

    def _can_see_as_in_paper(self, sample: Sample) -> bool:
        if self.network == "particlenet-lite":
            return True
        return self.network in ("mlp", "bayesian") and not self.whiten and sample.voxels is not None

    def with_(self, **changes: Any) -> FitConfig:
        """A copy with some values changed."""
        return replace(self, **changes)


@dataclass(frozen=True)
class TrainingSettings:
    """The part of a `FitConfig` that one training run sees; the attributes are documented there."""

    layers: int
    hidden: int
    dropout: float
    batch_size: int
    epochs: int
    learning_rate: float
    schedule: Schedule
    weight_decay: float
    input_dropout: float
    average: float
    patience: int
    fewest_batches: int
    whiten: bool
    compress: bool
    best_epochs: int
    network: str
    prior_sigma: float
    initial_sigma: float
    temperature: float
    watch_epochs: tuple[int, ...]

    def __post_init__(self) -> None:
        # A list, where the settings come out of a checkpoint.
        object.__setattr__(self, "watch_epochs", cleaned(self.watch_epochs))


def _has_negative(sample: Sample | None) -> TypeGuard[Sample]:
    """Whether there are events with a negative weight."""
    return sample is not None and sample.event_weight is not None and bool((sample.event_weight < 0).any())


def cleaned(epochs: Iterable[int]) -> tuple[int, ...]:
    """Each epoch once, ascending."""
    return tuple(sorted({int(epoch) for epoch in epochs}))
