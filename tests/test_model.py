"""The Mesa model: agents are real, read and write their row, and a user's own class is obeyed."""

from __future__ import annotations

import gc
import weakref

import mesa
import networkx as nx
import numpy as np
import pytest

import sim
from sim.errors import UsageError
from tests.laws.test_isolation import BUSY
from tests.worlds import scenario


def model(**more: object) -> sim.SupplyChainModel:
    return sim.SupplyChainModel(scenario(BUSY), rng=1, **more)  # type: ignore[arg-type]


def test_it_is_an_ordinary_mesa_model() -> None:
    m = model(agent_reporters=["quality", "firm_id"])
    assert isinstance(m, mesa.Model)
    assert len(m.agents_by_type[sim.Supplier]) == 20
    assert len(m.agents_by_type[sim.Manufacturer]) == 2
    assert len(m.agents_by_type[sim.LogisticsFirm]) == 2
    assert len(m.agents_by_type[sim.Regulator]) == 1
    assert isinstance(m.graph, nx.DiGraph)
    assert set(m.graph.nodes) == {f.firm_id for f in m.firms}
    for _ in range(14):
        assert m.running
        m.step()
    assert not m.running
    frame = m.datacollector.get_model_vars_dataframe()
    assert len(frame) == 14
    assert frame["emissions"].iloc[-1] == m.outcomes["emissions"]
    firms = m.datacollector.get_agenttype_vars_dataframe(sim.Supplier)
    assert len(firms) == 14 * 20
    m.release()


def test_agents_read_and_write_their_row() -> None:
    m = model()
    firm = m.firm("t1-003")
    firm.quality = 0.77
    assert firm.quality == m.world.quality[0, firm.row] == 0.77
    assert list(m.agents_by_type[sim.Supplier].select(lambda a: a.quality == 0.77)) == [firm]
    with pytest.raises(ValueError, match=r"quality: given 1.5, allowed is 0 to 1"):
        firm.quality = 1.5
    with pytest.raises(AttributeError, match="cannot be set"):
        firm.profit = 1.0
    assert {c.tier for c in firm.customers} == {0}
    assert all(firm in s.customers for s in firm.suppliers)
    m.release()


class Saint(sim.Supplier):
    """Gives all it has, whatever it costs."""

    def decide(self) -> None:
        self.quality = self.abatement = 1.0


def test_a_subclass_with_its_own_decide_is_obeyed_and_the_others_decide_as_before() -> None:
    plain, mixed = model(), model(agent_classes={"supplier": Saint})
    plain.step()
    mixed.step()
    for firm in mixed.agents_by_type[Saint]:
        assert firm.quality == firm.abatement == 1.0
    others = plain.programme.traits.manufacturer
    assert np.array_equal(plain.world.quality[:, others], mixed.world.quality[:, others])
    assert mixed.outcomes["shipped_defect_rate"] < plain.outcomes["shipped_defect_rate"]
    plain.release()
    mixed.release()


def test_wrong_classes_roles_and_seeds_are_refused() -> None:
    with pytest.raises(UsageError, match="unknown role 'suplier'; did you mean 'supplier'"):
        model(agent_classes={"suplier": Saint})
    with pytest.raises(UsageError, match="allowed is a subclass of Manufacturer"):
        model(agent_classes={"manufacturer": Saint})
    with pytest.raises(UsageError, match="rng: given -1"):
        sim.SupplyChainModel(scenario(BUSY), rng=-1)
    with pytest.raises(UsageError, match="no month has been simulated"):
        _ = model().outcomes


def test_a_numpy_generator_seeds_the_model() -> None:
    one = sim.SupplyChainModel(scenario(BUSY), rng=np.random.default_rng(3))
    two = sim.SupplyChainModel(scenario(BUSY), rng=np.random.default_rng(3))
    one.step()
    two.step()
    assert one.outcomes == two.outcomes


def test_a_released_model_can_be_forgotten() -> None:
    m = model()
    m.step()
    m.release()
    gone = weakref.ref(m)
    del m
    gc.collect()
    assert gone() is None


def test_the_regulators_money_is_the_books() -> None:
    m = model()
    m.step()
    (regulator,) = m.agents_by_type[sim.Regulator]
    assert regulator.net_spending == pytest.approx(m.outcomes["public_cost"])
    assert regulator.audits == int(m.world.audited.sum())
    m.release()
