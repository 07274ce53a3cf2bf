"""Ansible inventories, read without Ansible: hosts, groups and variables of a Kolla site."""

from __future__ import annotations

from collectors.inventory.model import Inventory, Machine
from collectors.inventory.read import read_inventory

__all__ = ["Inventory", "Machine", "read_inventory"]
