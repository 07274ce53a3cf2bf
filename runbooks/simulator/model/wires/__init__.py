"""The hosts' network below Neutron: interfaces, namespaces, Open vSwitch's bridges, flows and rules.

Nothing of it is kept but what is broken: everything else follows from Neutron's ports, the agents and the machines, so
that the port that Neutron shows is the tap that `ovs-vsctl` lists.
"""
