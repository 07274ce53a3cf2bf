"""Octavia, Designate, Manila and Barbican: read only, as far as an operator's console asks them."""

from __future__ import annotations

from runbooks.simulator.http.api import Api
from runbooks.simulator.http.further.barbican import API as BARBICAN
from runbooks.simulator.http.further.designate import API as DESIGNATE
from runbooks.simulator.http.further.manila import API as MANILA
from runbooks.simulator.http.further.octavia import API as OCTAVIA

FURTHER: tuple[Api, ...] = (OCTAVIA, DESIGNATE, MANILA, BARBICAN)
"""Served where the layout says so."""
