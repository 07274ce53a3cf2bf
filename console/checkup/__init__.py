"""What `doctor` looks at: every system of the site, the configuration itself, and the terminal."""
