"""How the views are laid out, for a browser tab and for a cell of a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import panel as pn
import param

from tailscope.errors import InputError
from tailscope.study.study import Study
from tailscope_dashboard.compare import Compare
from tailscope_dashboard.events import Events
from tailscope_dashboard.look.style import CSS
from tailscope_dashboard.parts.access import Access
from tailscope_dashboard.parts.background.follow import Follower
from tailscope_dashboard.parts.base import View
from tailscope_dashboard.parts.notebook import NotebookViewer, inline_styles
from tailscope_dashboard.parts.trouble import explain
from tailscope_dashboard.state.history import History
from tailscope_dashboard.state.judge import Judge
from tailscope_dashboard.state.permalink import follow, is_link
from tailscope_dashboard.state.state import State
from tailscope_dashboard.views.about import About
from tailscope_dashboard.views.focus import Focus
from tailscope_dashboard.views.notes import Notes
from tailscope_dashboard.views.pairs import Pairs
from tailscope_dashboard.views.training import Training
from tailscope_dashboard.views.trust import Trust
from tailscope_dashboard.views.wall_view import WallView, WeightsView

from .header import Header
from .single import SingleView
from .tabs import LazyTabs

VIEWS = (WallView, Focus, Pairs, Events, Trust, Training, Compare, Notes, About)


def views_of(studies: Sequence[Study]) -> list[type[View]]:
    """The views that a page of these studies has; one study alone is compared with nothing."""
    return [view for view in VIEWS if view is not Compare or len(studies) > 1]


class Dashboard(NotebookViewer):
    """The page of one or several studies.

    Renders in a cell of JupyterLab, where it needs neither a magic nor a network, and with ``.servable()``
    under ``panel serve``.

    Parameters
    ----------
    studies: a `tailscope.Study` or several of them.
    dark: dark colours.
    link: a permalink, or its query alone: what to show at first.
    events: files and folders where the studies' events may be now; they are found by their checksums.

    Raises
    ------
    TypeError: something else than studies.

    """

    def __init__(
        self,
        studies: Study | Sequence[Study],
        *,
        dark: bool = False,
        link: str = "",
        events: Sequence[str | Path] = (),
        **params: Any,
    ) -> None:
        given = (studies,) if isinstance(studies, Study) else tuple(studies)
        if not all(isinstance(study, Study) for study in given):
            raise TypeError("Dashboard shows tailscope.Study objects; open a file with tailscope.open")
        super().__init__(**params)
        self.state = State(given, dark=dark, places=tuple(map(Path, events)))
        titles = [view.title for view in views_of(given)]
        if is_link(link):
            follow(self.state, link, titles)
        handler = pn.config.exception_handler
        if handler is None or isinstance(getattr(handler, "__self__", None), Dashboard):
            pn.config.exception_handler = self._tell
        History(self.state)
        # Before the views: what is made already, these begin with.
        Follower(self.state)
        Judge(self.state)
        header = Header(self.state, titles)
        tabs = LazyTabs(self.state, [view(self.state) for view in views_of(given)])
        self._root = pn.Column(
            header.content(),
            tabs.content(),
            Access(),
            sizing_mode="stretch_width",
            margin=0,
            stylesheets=[CSS],
            hooks=[inline_styles],
        )
        self.state.param.watch(self._on_theme, "dark")
        self._on_theme()

    def __panel__(self) -> pn.viewable.Viewable:
        """Return what is rendered."""
        return self._root

    def view(self, title: str) -> SingleView:
        """One of the views alone ("Wall", "Focus", ...), linked with this dashboard.

        Raises
        ------
        InputError: no view of that title.

        """
        views = views_of(self.state.studies)
        for view in views:
            if view.title == title:
                return SingleView(view(self.state))
        raise InputError(f"there is no view {title!r}; choose {', '.join(view.title for view in views)}")

    def wall(self) -> SingleView:
        """All histograms with the weights and the selections, alone; linked with this dashboard."""
        return SingleView(WallView(self.state))

    def weights(self) -> SingleView:
        """The histogram of the weights and the selections, alone; linked with this dashboard."""
        return SingleView(WeightsView(self.state))

    def focus(self, observable: str = "") -> SingleView:
        """One observable large, alone; linked with this dashboard.

        Parameters
        ----------
        observable: the one that is in focus when not given.

        Raises
        ------
        InputError: an observable that the study does not have.

        """
        if observable:
            self.state.focus = self.state.study.observable(observable).name
        return SingleView(Focus(self.state))

    def shown_study(self) -> Study:
        """Return the study that is shown."""
        study: Study = self.state.study
        return study

    def _on_theme(self, *events: param.parameterized.Event) -> None:
        del events
        self._root.css_classes = ["ts-page", "ts-dark" if self.state.dark else "ts-light"]

    def _tell(self, error: BaseException) -> None:
        """Say on the page that a callback failed."""
        self.state.note = explain(error)


def plain_page(sentence: str) -> pn.viewable.Viewable:
    """Make a page that says only one thing, as text."""
    return pn.pane.Str(sentence, styles={"font": "16px sans-serif", "padding": "2em"})
