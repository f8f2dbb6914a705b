"""Keys and names for what Panel and Bokeh leave without."""

from __future__ import annotations

from typing import Any

import param
from panel.custom import JSComponent

from .modules import joined
from .steps import is_served


class Access(JSComponent):
    """Shows nothing, and looks after the page that it is on.

    Page tabs get keys, and a screen reader the names and roles that it needs of tabs, number fields and check
    boxes; on a served page of its header and body too.
    """

    served = param.Boolean(doc="Whether this is a page of its own.")

    _esm = joined("parts/access.js")

    def __init__(self, **params: Any) -> None:
        super().__init__(served=is_served(), width=0, height=0, margin=0, **params)
