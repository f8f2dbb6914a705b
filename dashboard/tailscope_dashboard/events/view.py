"""Events: those of a selection, one by one beside the nearest reference event, or on average."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import panel as pn
import param
from numpy.typing import NDArray

from tailscope.looking.averages import Average
from tailscope.looking.matching import GIVEN
from tailscope.looking.picking import ORDERS
from tailscope.sample.drawing import Drawing
from tailscope.selection import SampleName
from tailscope.study.study import Study
from tailscope_dashboard.look.palette import shown_colour
from tailscope_dashboard.look.style import CSS
from tailscope_dashboard.parts.base import View, markup, text_pane
from tailscope_dashboard.parts.table import SortedTable
from tailscope_dashboard.state.state import State
from tailscope_dashboard.state.view import LARGEST_SEED

from .choice import ALL, Choice, choice_of, settings_of
from .gallery import Gallery, layout_of
from .pictures import energy_text, equal_rings
from .profiles import profile_figures
from .shown import ShownAverage, ShownEvent, average_of, look_at
from .values import columns_of, comparison, number, rows_of, weight
from .work import Worker

TABLE_HEIGHT = "max(200px, calc(45vh - 120px))"
EQUAL_RINGS = "Rings are drawn equally wide, which they are not; the mouse tells their radii."
VALUES_HEIGHT = "max(200px, calc(55vh - 155px))"


class Events(View):
    """Pictures on the left, the list of events and the values of the one that is shown on the right."""

    title: ClassVar[str] = "Events"
    watches: ClassVar[tuple[str, ...]] = ("study", "selections", "view", "event", "dark")

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._setting = False
        self.gallery: Gallery | None = None
        self._made_for: Any = None
        self._listed: Any = None
        self.shown: ShownEvent | ShownAverage | None = None
        look: dict[str, Any] = {"css_classes": ["ts-widget"], "stylesheets": [CSS]}
        self._selection = pn.widgets.Select(label="events of", width=170, **look)
        self._sample = pn.widgets.Select(
            label="sample",
            options={"its own": "", "reference": "reference", "generated": "generated"},
            width=120,
            **look,
        )
        self._order = pn.widgets.Select(
            label="order", options={text: name for name, text in ORDERS.items()}, width=220, **look
        )
        self._again = pn.widgets.Button(label="shuffle", width=80, align="end", **look)
        self._back = pn.widgets.Button(label="◀", width=44, align="end", description="previous event", **look)
        self._on = pn.widgets.Button(label="▶", width=44, align="end", description="next event", **look)
        self._row = pn.widgets.IntInput(label="event", width=100, start=0)
        self._mode = pn.widgets.RadioButtonGroup(
            options={"one event": "event", "average": "average"}, align="end", width=190, **look
        )
        self._against = pn.widgets.Select(
            label="against", options=["reference", "generated"], width=120, **look
        )
        self._status = text_pane(margin=(0, 8), sizing_mode="stretch_width")
        self.problems = text_pane(margin=(0, 8), sizing_mode="stretch_width")
        self.compared = text_pane(margin=(0, 8), sizing_mode="stretch_width")
        self.pictures = pn.Column(sizing_mode="stretch_width", margin=0)
        self.profiles = pn.Row(
            sizing_mode="stretch_width", margin=0, css_classes=["ts-wrap"], stylesheets=[CSS]
        )
        self.table = SortedTable(
            label="events", order=-1, high=TABLE_HEIGHT, sizing_mode="stretch_width", margin=(0, 8)
        )
        self.worker = Worker(self._say, self._failed, self.table.when_drawn)
        self._about_list = text_pane(margin=(4, 8), sizing_mode="stretch_width")
        self.values = text_pane(
            margin=(6, 8),
            sizing_mode="stretch_width",
            styles={"max-height": VALUES_HEIGHT, "overflow": "auto"},
        )

    def content(self) -> pn.viewable.Viewable:
        """Controls above, pictures and lists below."""
        for widget in self._widgets().values():
            widget.param.watch(self._on_widget, "value")
        self._again.on_click(self._on_again)
        self._back.on_click(lambda event: self._step(-1))
        self._on.on_click(lambda event: self._step(1))
        self.table.param.watch(self._on_row, "active")
        controls = pn.FlexBox(
            self._selection, self._sample, self._mode, self._order, self._again, self._back, self._row,
            self._on, self._against, self._status,
            css_classes=["ts-controls"], stylesheets=[CSS], align_items="end", sizing_mode="stretch_width",
        )  # fmt: skip
        self._status.styles = {"flex": "1 1 120px"}
        pictures = pn.Column(
            self.problems,
            self.compared,
            self.pictures,
            self.profiles,
            sizing_mode="stretch_width",
            margin=0,
            styles={"flex": "3 1 560px", "min-width": "min(560px, calc(100vw - 24px))"},
        )
        lists = pn.Column(
            self._about_list,
            self.table,
            self.values,
            sizing_mode="stretch_width",
            margin=0,
            styles={"flex": "1 1 340px", "min-width": "min(340px, calc(100vw - 24px))"},
        )
        below = pn.Row(
            pictures, lists, css_classes=["ts-wrap"], stylesheets=[CSS], sizing_mode="stretch_width", margin=0
        )
        return pn.Column(controls, below, sizing_mode="stretch_width", margin=0)

    def refresh(self) -> None:
        """Read what is chosen now, and draw it when it is there."""
        choice = choice_of(self.state)
        self._set_widgets(choice)
        places, job = self.state.places, look_at if choice.mode == "event" else average_of
        self.worker.ask(lambda say: job(choice, places, say), self._draw)

    def _widgets(self) -> dict[str, Any]:
        return {
            "selection": self._selection,
            "sample": self._sample,
            "order": self._order,
            "row": self._row,
            "mode": self._mode,
            "against": self._against,
        }

    def _set_widgets(self, choice: Choice) -> None:
        self._setting = True
        state, settings = self.state, settings_of(self.state)
        names = {f"{i + 1}. {s.name or 'no name'}": i for i, s in enumerate(state.selections)}
        self._selection.param.update(options=names | {"all events": ALL}, value=choice.number)
        self._sample.value, self._order.value = settings.sample, choice.order
        self._mode.value, self._against.value = choice.mode, choice.against
        single = choice.mode == "event"
        for widget in (self._order, self._back, self._row, self._on):
            widget.visible = single
        self._again.visible = single and choice.order == "random"
        self._against.visible = not single
        self._row.end = len(choice.study.sample(choice.sample)) - 1
        self._setting = False

    def _on_widget(self, *events: param.parameterized.Event) -> None:
        if self._setting:
            return
        changed = {
            name: widget.value
            for name, widget in self._widgets().items()
            if any(event.obj is widget for event in events)
        }
        if changed.get("row", 0) is None:
            return
        if changed.keys() & {"selection", "sample", "order"}:
            changed["row"] = -1  # the first one of what is chosen now
        self._commit(**changed)

    def _on_again(self, event: param.parameterized.Event) -> None:
        del event
        self._commit(seed=(settings_of(self.state).seed + 1) % LARGEST_SEED, row=-1)

    def _step(self, by: int) -> None:
        shown = self.shown
        event = shown.step(by) if isinstance(shown, ShownEvent) else None
        if event is not None:
            self._commit(row=event)

    def _on_row(self, event: param.parameterized.Event) -> None:
        if not self._setting:
            self._commit(row=event.new, mode="event")

    def _commit(self, **changes: Any) -> None:
        self.state.event = {**self.state.event, **changes}

    def _say(self, sentence: str) -> None:
        self._status.object = f'<p role="status">{markup(sentence)}</p>'

    def _failed(self, sentence: str) -> None:
        self.problems.object = _doubts((sentence,))

    def _draw(self, shown: ShownEvent | ShownAverage) -> None:
        self.shown = shown
        if isinstance(shown, ShownEvent):
            self._draw_event(shown)
        else:
            self._draw_average(shown)
        self._list(shown)

    def _draw_event(self, shown: ShownEvent) -> None:
        self.profiles[:], self.compared.object = [], ""
        drawings = [shown.drawing, shown.nearest_drawing]
        layout = next((drawing for drawing in drawings if drawing is not None), None)
        remark = ""
        choice, nearest = shown.choice, shown.nearest
        headings = ["", ""]
        if shown.event is not None:
            outside = "" if shown.place is not None else ", not in this selection"
            headings[0] = _heading(choice.study, choice, shown.event, outside, dark=self.state.dark)
            self.values.object = comparison(shown)
        if nearest is not None:
            other = "nearest other" if choice.sample == "reference" else "nearest"
            headings[1] = _heading(
                choice.study, None, nearest.event, f", {number(nearest.distance)} σ away", other
            )
        self.values.visible = shown.event is not None
        if layout is None:
            self.pictures[:] = [text_pane("".join(f"<p>{heading}</p>" for heading in headings), margin=8)]
            self._made_for = None
        else:
            self._show(layout, drawings, headings, ratio=False)
            if equal_rings(layout):
                remark = f"<p>{EQUAL_RINGS}</p>"
        self.problems.object = _doubts(shown.problems) + remark
        self._setting = True
        self._row.value = shown.event
        self._back.disabled = shown.place == 0 or not shown.rows.size
        self._on.disabled = not shown.rows.size or shown.place == shown.rows.size - 1
        self._setting = False

    def _draw_average(self, shown: ShownAverage) -> None:
        self.values.visible = False
        self.profiles[:], self.compared.object = [], ""
        self.problems.object = _doubts(shown.problems)
        choice, mean, whole = shown.choice, shown.selection, shown.backdrop
        if mean is None or whole is None or shown.ratio is None:
            self.pictures[:] = []
            self._made_for = None
            return
        name = choice.selection.name or "selection"
        study, against = choice.study, choice.against
        pairs = shown.matched
        own, others = (None, None) if pairs is None else pairs.energies
        headings = [
            _title(
                choice.selection.colour,
                f"{name}, {choice.sample}",
                _mean_of(mean, study, own if pairs else _mean_energy(study, choice.sample, shown.rows)),
                self.state.dark,
            ),
            _title(
                "",
                f"{against} events of these energies" if pairs else f"all {against} events",
                _mean_of(whole, study, others if pairs else _mean_energy(study, against, None)),
            ),
            _title("", "ratio", "selection over these" if pairs else "selection over all"),
        ]
        self.compared.object = f"<p>{markup(shown.remark)}.</p>"
        self.profiles[:] = profile_figures(mean.profiles, whole.profiles, self.state.dark)
        self._show(mean.drawing, [mean.drawing, whole.drawing, shown.ratio], headings, ratio=True)

    def _show(
        self, layout: Drawing, drawings: Sequence[Drawing | None], headings: list[str], *, ratio: bool
    ) -> None:
        """Feed the pictures; new ones are fed before they are placed, so that they come in one piece."""
        wanted = (layout_of(layout), len(drawings), ratio, self.state.dark)
        if self.gallery is not None and wanted == self._made_for:
            self.gallery.show(drawings, headings)
            return
        self.gallery, self._made_for = Gallery(layout, len(drawings), self.state.dark, ratio=ratio), wanted
        self.gallery.show(drawings, headings)
        self.pictures[:] = [self.gallery.content]

    def _list(self, shown: ShownEvent | ShownAverage) -> None:
        choice = shown.choice
        place = shown.place if isinstance(shown, ShownEvent) else None
        event = shown.event if isinstance(shown, ShownEvent) else None
        rows, start = rows_of(shown, place, self.state.dark)
        key = (choice.study.digest, choice.selection, choice.sample, choice.order, choice.seed, start)
        self._setting = True
        self.table.param.update(
            columns=columns_of(choice.study),
            rows=rows,
            active=-1 if event is None else event,
            dark=self.state.dark,
            version=self.table.version + (key != self._listed),
        )
        self._setting = False
        self._listed = key
        n = shown.rows.size
        listed = f" ({start + 1:,} to {start + len(rows):,} are listed)" if n > len(rows) else ""
        name = choice.selection.name or "the selection"
        self._about_list.object = (
            f"<p>{n:,} {choice.sample} events of {markup(name)}, {ORDERS[choice.order]}{listed}</p>"
        )


def _of(part: int, whole: int) -> str:
    return f"{part:,}" if part == whole else f"{part:,} of {whole:,}"


def _mean_energy(study: Study, sample: SampleName, rows: NDArray[np.int64] | None) -> float | None:
    """The mean incident energy of some events (of all), where there is one."""
    column = study.sample(sample).observables.get(GIVEN)
    if column is None:
        return None
    return float(np.mean(column if rows is None else np.asarray(column)[rows], dtype=np.float64))


def _mean_of(found: Average, study: Study, energy: float | None) -> str:
    """How many events were averaged, and their mean incident energy, where there is one."""
    said = f"mean of {_of(found.n_events, found.of)} events"
    if found.effective < found.n_events - 0.5:
        said += f", worth {found.effective:,.0f}"
    if energy is None:
        return said
    return f"{said}, mean {GIVEN} = {energy_text(energy, study.observable(GIVEN).unit)}"


def _doubts(sentences: tuple[str, ...]) -> str:
    return "".join(
        f'<p class="ts-doubt" role="alert">{markup(s[:1].upper() + s[1:])}.</p>' for s in sentences
    )


def _heading(
    study: Study, choice: Choice | None, event: int, more: str, kind: str = "", *, dark: bool = False
) -> str:
    """HTML: which event it is, its weight and its incident energy."""
    sample = "reference" if choice is None else choice.sample
    events = study.sample(sample)
    facts = [f"w = {weight(float(events.log_w[event]))}"]
    if "E_inc" in events.observables:
        unit = study.observable("E_inc").unit
        facts.append(f"E_inc = {energy_text(float(events.observables['E_inc'][event]), unit)}")
    colour = "" if choice is None else choice.selection.colour
    return _title(colour, f"{kind} {sample} event {event:,}".strip(), ", ".join(facts) + more, dark)


def _title(colour: str, what: str, facts: str, dark: bool = False) -> str:
    swatch = f'<i class="ts-swatch" style="background:{shown_colour(colour, dark)}"></i>' if colour else ""
    return f"{swatch}<b>{markup(what)}</b> &nbsp;{markup(facts)}"
