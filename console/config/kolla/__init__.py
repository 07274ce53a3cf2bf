"""A Kolla folder: what its inventory, globals.yml and passwords.yml say about the systems of a site."""
