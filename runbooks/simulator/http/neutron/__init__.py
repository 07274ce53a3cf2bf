"""Neutron's API, v2.0: one engine (queries, bodies, errors) over a declaration of each resource."""
