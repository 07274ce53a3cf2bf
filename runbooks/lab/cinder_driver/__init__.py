"""The storage of the lab: a Cinder driver whose volumes are files. `driver.py` runs only inside cinder-volume."""
