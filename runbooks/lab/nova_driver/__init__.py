"""The hypervisor of the lab: a Nova driver whose servers are network namespaces with a real DHCP client in them.

`driver.py` runs only inside nova-compute, `guest.py` is plain; both are copied to where Nova looks for drivers.
"""
