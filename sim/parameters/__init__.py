"""The numbered assumptions of a scenario, a section each, with unit, bounds, default and source.

Defaults marked *assumed* have no published figure behind them; all of them belong in a sensitivity
analysis. Together they put the marginal values a firm weighs on one scale (shares of its revenue per unit of
effort), so that choices are interior and no instrument wins by its units: full quality effort costs 4 %
and full abatement 6 % of revenue, own scrap saved is worth 2.4 %, own energy 2 %, a green premium 6 % of the
final revenue, the 2024 price of China's emissions trading 0.9 %.
"""

from sim.parameters.base import Section
from sim.parameters.course import Assessment, Start, Update
from sim.parameters.firms import Technology
from sim.parameters.interaction import Interaction
from sim.parameters.logistics import Logistics
from sim.parameters.market import Market
from sim.parameters.membership import Membership, Reporting
from sim.parameters.quality import Quality
from sim.parameters.relations import IndicatorWeights, Relations
from sim.parameters.risk import Ordering, Risk

__all__ = [
    "Assessment",
    "IndicatorWeights",
    "Interaction",
    "Logistics",
    "Market",
    "Membership",
    "Ordering",
    "Quality",
    "Relations",
    "Reporting",
    "Risk",
    "Section",
    "Start",
    "Technology",
    "Update",
]
