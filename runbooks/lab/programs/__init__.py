"""Small programs that run in the hosts, with the Python of OpenStack's environment."""
