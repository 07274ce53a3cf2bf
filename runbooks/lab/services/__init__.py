"""The services of a lab, a file each: `PACKAGES`, `install(lab)` and `start(lab)`, both safe to repeat."""
