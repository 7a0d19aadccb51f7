"""The supply network coloured by effort: rings of firms around those that sell to the market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.ensemble import run_block
from sim.fields import Array
from sim.network.network import ROLES, Network
from sim.plots.labels import name_firms
from sim.plots.layout import Places, concentric
from sim.plots.look import FAINT, INK, SOFT, styled
from sim.plots.sheet import Sheet
from sim.plots.units import shown
from sim.rules.effort import green_quality
from sim.scenario.schema import Scenario
from sim.text import text

SHAPES = {"manufacturer": "s", "supplier": "o", "logistics": "^"}
COLOURS = "viridis"
MEMBER = "#D55E00"
RIM = {"edgecolors": MEMBER, "linewidths": 0.8}
NEW = "#C2185B"
"""Links that were not there at the start."""
NO_RIM = {"edgecolors": "#4d4d4d", "linewidths": 0.25}
LARGEST, SMALLEST, IDLE = 220.0, 11.0, 14.0
"""Areas of marks, points squared."""
MOST_NAMED = 30
"""Firms of a network whose names are shown."""
ROOM = 0.09
"""Free space around the firms, in radii of the outermost ring."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A network at the end of a run: effort (share), revenue (money a month) and membership of each firm, (N,).

    network: as it was at the start, which says where firms stand. links: the same with the suppliers of the end."""

    name: str
    network: Network
    links: Network
    effort: Array
    revenue: Array
    member: npt.NDArray[np.bool_]
    programme: bool
    currency: str
    months: int

    @property
    def new(self) -> npt.NDArray[np.bool_]:
        """Links that have another supplier than at the start, (L,)."""
        return self.links.supplier != self.network.supplier

    @property
    def active(self) -> npt.NDArray[np.bool_]:
        """Firms with revenue, whose effort is shown; all where nobody has any."""
        return self.revenue > 0 if np.any(self.revenue > 0) else np.ones(len(self.revenue), dtype=bool)


def see(scenario: Scenario, seed: int, replication: int = 0) -> Seen:
    """Run one replication of a scenario and look at its firms at the end."""
    block = run_block(scenario, seed, [replication], benchmark=False)
    world = block.world
    effort = green_quality(world.quality, world.abatement, scenario.technology.quality_weight)
    network = block.programme.network
    links = network.supplied_by(world.links.supplier, world.links.distance_km)
    return Seen(
        scenario.name, network, links, effort[0], world.revenue[0], world.member[0] > 0.5,
        bool(scenario.programme), scenario.currency, scenario.months,
    )  # fmt: skip


@styled
def supply_network(seen: Sequence[Seen], *, seed: int, replication: int = 0) -> Figure:
    """The networks of some scenarios side by side, firms coloured by effort on one scale."""
    subtitle = text("plots.supply_network.subtitle", month=seen[0].months - 1, replication=replication, seed=seed)
    sheet = Sheet(8.0, 5.0, text("plots.supply_network.title"), subtitle)
    panels = sheet.figure.subplots(1, len(seen), squeeze=False).ravel()
    norm, colours = Normalize(0.0, 100.0), matplotlib.colormaps[COLOURS]
    largest = max(float(s.revenue.max()) for s in seen)
    layouts: dict[int, Places] = {}
    for axes, s in zip(panels, seen, strict=True):
        places = layouts.setdefault(id(s.network), concentric(s.network))
        _panel(axes, s, places, norm, colours, largest)
    bar = sheet.figure.colorbar(
        ScalarMappable(norm, colours), ax=list(panels), location="bottom", shrink=0.5, aspect=40, pad=0.02
    )
    bar.set_label(text("plots.supply_network.colour"))
    bar.outline.set_visible(False)
    for keys in (_roles(seen), _sizes(seen, largest)):
        sheet.legend([handle for handle, _ in keys], [words for _, words in keys], handle=1.2)
    sheet.caption(_caption(list(layouts.values())))
    # A second pass, as the first one leaves too little room for titles over panels that are higher than wide; from
    # then on nothing moves, so that names stay where they have room.
    for _ in range(2):
        sheet.figure.draw_without_rendering()
    sheet.figure.set_layout_engine("none")
    for axes, s in zip(panels, seen, strict=True):
        if s.network.size <= MOST_NAMED:
            _names(axes, s, layouts[id(s.network)], largest)
    return sheet.figure


def areas(revenue: Array, largest: float) -> Array:
    """Areas of marks: by the square root of revenue, none too small to see."""
    return np.maximum(LARGEST * np.sqrt(np.maximum(revenue, 0.0) / max(largest, 1e-12)), SMALLEST)


def _panel(axes: Axes, s: Seen, places: Places, norm: Normalize, colours: Colormap, largest: float) -> None:
    curves = places.curves(s.links)
    axes.add_collection(LineCollection(list(curves[~s.new]), colors=SOFT, linewidths=0.35, alpha=0.35, zorder=1))
    if s.new.any():
        axes.add_collection(LineCollection(list(curves[s.new]), colors=NEW, linewidths=0.8, zorder=1.5))
    _firms(axes, s, places, norm, colours, largest)
    counts: dict[str, Any] = {"members": int(s.member.sum()), "firms": s.network.size}
    counts["mean"] = f"{100.0 * s.effort[s.active].mean():.0f}"
    axes.set_title(s.name, loc="center", pad=16)
    axes.annotate(
        text(f"plots.supply_network.{'panel' if s.programme else 'panel_none'}", **counts),
        (0.5, 1.0), (0, 4), xycoords="axes fraction", textcoords="offset points", ha="center", va="bottom",
        fontsize=8, color=SOFT,
    )  # fmt: skip
    drawn = np.concatenate([places.position, curves.reshape(-1, 2)])
    wide = float(np.abs(drawn[:, 0]).max()) + ROOM
    axes.set_xlim(-wide, wide)
    axes.set_ylim(float(drawn[:, 1].min()) - ROOM, float(drawn[:, 1].max()) + ROOM)
    axes.set_aspect("equal", anchor="N")
    axes.set_axis_off()


def _firms(axes: Axes, s: Seen, places: Places, norm: Normalize, colours: Colormap, largest: float) -> None:
    """A mark for each firm; the larger ones first, so that none is hidden. Members have a rim of their own
    where it tells them from others."""
    area, role = areas(s.revenue, largest), s.network.firms["role"]
    for code, name in enumerate(ROLES):
        for member in (False, True):
            here = np.flatnonzero(s.active & (role == code) & (s.member == member))
            here = here[np.argsort(-area[here], kind="stable")]
            if len(here):
                x, y = places.position[here].T
                rim: Any = RIM if member and not s.member.all() else NO_RIM
                axes.scatter(
                    x, y, s=area[here], c=100.0 * s.effort[here], cmap=colours, norm=norm,
                    marker=SHAPES[name], zorder=3, **rim,
                )  # fmt: skip
        idle = ~s.active & (role == code)
        if idle.any():
            x, y = places.position[idle].T
            axes.scatter(x, y, s=IDLE, c="white", marker=SHAPES[name], edgecolors=SOFT, linewidths=0.6, zorder=2)


def _names(axes: Axes, s: Seen, places: Places, largest: float) -> None:
    area = np.where(s.active, areas(s.revenue, largest), IDLE)
    name_firms(axes, s.network.firms["name"].tolist(), places.position, area, places.curves(s.links))


Keys = list[tuple[Line2D, str]]


def _roles(seen: Sequence[Seen]) -> Keys:
    """Legend: shapes of the roles there are, the rim of members, the colour of new links."""
    codes = set(np.concatenate([s.network.firms["role"] for s in seen]).tolist())
    keys = [
        (_key(6.0, marker=SHAPES[role]), text(f"plots.supply_network.{role}"))
        for role in ("manufacturer", "supplier", "logistics")
        if ROLES.index(role) in codes
    ]
    if any(s.member.any() and not s.member.all() for s in seen):
        rim = _key(6.0, markeredgecolor=MEMBER, markeredgewidth=1.0)
        keys.append((rim, text("plots.supply_network.member")))
    idle = np.concatenate([s.network.firms["role"][~s.active] for s in seen])
    if len(idle):
        shape = SHAPES[ROLES[int(idle.min())]]
        hollow = _key(IDLE**0.5, marker=shape, color="white", markeredgecolor=SOFT, markeredgewidth=0.6)
        keys.append((hollow, text("plots.supply_network.idle")))
    if any(s.new.any() for s in seen):
        keys.append((Line2D([], [], color=NEW, linewidth=1.2), text("plots.supply_network.new")))
    return keys


def _sizes(seen: Sequence[Seen], largest: float) -> Keys:
    """Legend: sizes of marks, the first with what they stand for."""
    keys: Keys = []
    for value in sizes(seen, largest):
        scale = shown(seen[0].currency, value)
        number = text("plots.supply_network.value", value=f"{value * scale.factor:g}", unit=scale.unit)
        words = number if keys else text("plots.supply_network.size", value=number)
        keys.append((_key(float(areas(np.array([value]), largest)[0]) ** 0.5, color=FAINT, markeredgecolor=INK), words))
    return keys


def _key(size: float, **looks: Any) -> Line2D:
    usual: dict[str, Any] = {"color": "#9a9a9a", "marker": "o", "markeredgecolor": "white", "markeredgewidth": 0.4}
    return Line2D([], [], markersize=size, linestyle="none", **(usual | looks))


def sizes(seen: Sequence[Seen], largest: float) -> list[float]:
    """Revenues to show in the legend: powers of ten that firms of the networks have, at most three."""
    active = np.concatenate([s.revenue[s.active] for s in seen])
    low = max(float(np.median(active)), largest * (SMALLEST / LARGEST) ** 2)
    top = int(np.floor(np.log10(largest)))
    return [10.0**k for k in range(top - 2, top + 1) if 10.0**k >= 0.5 * low]


def _caption(layouts: Sequence[Places]) -> str:
    last = max(int(places.tier[places.ring >= 0].max()) for places in layouts)
    rings = "rings_none" if last == 0 else "rings_one" if last == 1 else "rings_many"
    apart = any(places.apart.any() for places in layouts)
    below = text(f"plots.supply_network.{'below_all' if apart else 'below_carriers'}")
    return text(f"plots.supply_network.{rings}", last=last, below=below) + " " + text("plots.supply_network.area")
