"""FitConfig: every setting of a fit, validated, with the presets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

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
NETWORKS = ("auto", "mlp", "bayesian", "particlenet-lite")

PRESETS: dict[str, dict[str, Any]] = {
    # Table 1 of the paper, calorimeter column.
    "paper-calo": {
        "layers": 3, "hidden": 512, "dropout": 0.1, "batch_size": 1000, "epochs": 150,
        "learning_rate": 1e-3, "schedule": "plateau", "weight_decay": 0.0, "average": 0.0, "patience": 0,
        "compress": False,
    },
    # Table 1 of the paper, events column.
    "paper-events": {
        "layers": 5, "hidden": 256, "dropout": 0.1, "batch_size": 1024, "epochs": 50,
        "learning_rate": 1e-3, "schedule": "plateau", "weight_decay": 0.0, "average": 0.0, "patience": 0,
        "compress": False,
    },
    # ParticleNet-Lite's recipe (arXiv:1902.08570, Sec. IV; weight decay 1e-4 for its seven inputs). With
    # protocol="split", members=5, best_epochs=5 it makes the 25 outputs of Sec. 3 of the paper. The sizes of
    # the perceptron are for jets without particles.
    "paper-jets": {
        "layers": 5, "hidden": 256, "dropout": 0.1, "batch_size": 1024, "epochs": 20,
        "learning_rate": 5e-3, "schedule": "one-cycle", "weight_decay": 1e-4 * 100 / 7, "average": 0.0,
        "patience": 0, "compress": False,
    },
    # A narrow network on one warm-up-and-cosine cycle with averaged parameters and compressed inputs, held
    # back by a weight decay that grows with the number of inputs: what 500 voxels let it learn by heart
    # ruins the weights. No early stop: the validation loss often rises before the rate falls, and what the
    # end of the cycle gains would be lost.
    "fast": {
        "layers": 3, "hidden": 128, "dropout": 0.1, "batch_size": 256, "epochs": 15,
        "learning_rate": 2e-3, "schedule": "one-cycle", "weight_decay": 2.5, "average": 0.998, "patience": 0,
        "compress": "auto",
    },
}  # fmt: skip


@dataclass(frozen=True)
class FitConfig:
    """Settings of a fit; what is None is taken from the preset.

    Attributes
    ----------
    preset: "fast" (the default), "paper-calo", "paper-events" (Table 1 of the paper) or "paper-jets".
    folds: number of cross-fitting folds; each event is scored by networks that never saw its fold.
    protocol: "crossfit" scores every event out of fold; "split" makes the first fold the test sample, trains
        on the others once, and leaves all but the test events out of the study. With 5 folds and
        ``validation=0.25`` that is the 60:20:20 of Table 1.
    members: trainings a fold.
    best_epochs: networks kept of each training, those of the lowest validation losses; 5 members of 5 best
        epochs are the 25 outputs of Sec. 3.
    combine: "logit" averages the log weights of all of these, "probability" their C; see `combine.combined`.
    seed: of folds, initialisation, order of batches and dropout.
    device: "auto" (CUDA, else Apple's MPS, else CPU), "cpu", "cuda", "cuda:1", "mps".
    validation: part of the training folds that chooses the epoch and lowers the rate.
    network: "mlp" is the perceptron of Table 1, "particlenet-lite" looks at the particles of jets; "auto"
        takes the latter for samples that have particles. "bayesian" is the perceptron with a posterior for
        each weight; see ``posterior_samples``.
    layers, hidden, dropout: the perceptron: layers x (linear, leaky ReLU, dropout), then one output.
        Of ParticleNet-Lite only the dropout can be set.
    weight_decay: decoupled weight decay (AdamW) for each 100 inputs of the first layer.
    batch_size, epochs, learning_rate, schedule: of Adam; "plateau" is
        x 0.1 after 5 epochs without improvement, "one-cycle" a linear warm-up and a cosine to zero.
    average: decay a batch of the exponential moving average of the parameters; 0 for none.
    patience: stop after so many epochs without improvement of the validation loss; 0 for never.
    compress: whether 200 or more standardised inputs z become sign(z) log(1 + |z|), and fewer inputs do so
        from 3 standard deviations on; rarely hit voxels lie up to 40 standard deviations out, and the network
        would learn these events by heart. "auto" (that of "fast") does so for all but Z + jets: their edges
        lie far out (1/Delta R of jets nearer than their radius), and the network would not see them.
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
    members: int = 1
    seed: int = 0
    device: str = "auto"
    validation: float = 0.15
    protocol: Protocol = "crossfit"
    best_epochs: int = 1
    combine: Rule = "logit"
    network: str = "auto"
    layers: int | None = None
    hidden: int | None = None
    dropout: float | None = None
    batch_size: int | None = None
    epochs: int | None = None
    learning_rate: float | None = None
    schedule: Schedule | None = None
    weight_decay: float | None = None
    average: float | None = None
    patience: int | None = None
    compress: bool | Literal["auto"] | None = None
    recalibrate: Recalibrate = "none"
    posterior_samples: int = 20
    prior_sigma: float = 1.0
    initial_sigma: float = 0.1
    temperature: float = 0.1
    watch_epochs: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.preset not in PRESETS:
            raise ConfigError(f"there is no preset {self.preset!r}; choose from {', '.join(PRESETS)}")
        for name, value in PRESETS[self.preset].items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, value)
        object.__setattr__(self, "watch_epochs", cleaned(self.watch_epochs))
        epochs = self.settings.epochs
        rules = {
            "folds": (self.folds >= 2, "at least 2"),
            "protocol": (self.protocol in ("crossfit", "split"), "crossfit or split"),
            "members": (self.members >= 1, "at least 1"),
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
            "weight_decay": (self.settings.weight_decay >= 0, "at least 0"),
            "average": (0 <= self.settings.average < 1, "from 0 to less than 1"),
            "patience": (self.settings.patience >= 0, "at least 0"),
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
    def trainings(self) -> int:
        """Networks that are trained: one for each scored fold and member."""
        return self.scored_folds * self.members

    @property
    def outputs(self) -> int:
        """Log weights that one network gives to an event: draws from the posterior, or just one."""
        return self.posterior_samples if self.network == "bayesian" else 1

    @property
    def settings(self) -> TrainingSettings:
        """What one training run needs, all of it set."""
        values = {f.name: getattr(self, f.name) for f in fields(TrainingSettings)}
        return TrainingSettings(**values | {"compress": bool(self.compress)})

    def for_sample(self, sample: Sample) -> FitConfig:
        """The same settings with the network and the inputs that "auto" stands for.

        Raises
        ------
        ConfigError: a network for particles, and events that have none.

        """
        if self.compress == "auto":
            return self.with_(compress=sample.domain != "events").for_sample(sample)
        if self.network == "auto":
            return self.with_(network="mlp" if sample.particles is None else "particlenet-lite")
        if self.network == "particlenet-lite" and sample.particles is None:
            raise ConfigError(
                f"{sample.name} holds {sample.domain} events without particles, which "
                "particlenet-lite needs; choose the network mlp or auto"
            )
        return self

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
    average: float
    patience: int
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


def cleaned(epochs: Iterable[int]) -> tuple[int, ...]:
    """Each epoch once, ascending."""
    return tuple(sorted({int(epoch) for epoch in epochs}))
