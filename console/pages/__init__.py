"""Pages of `docs/` that are generated from the declarations: one module a page, each with `text()`."""
