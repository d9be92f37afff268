"""The generated pages, one module per kind; each is a function from nothing to text."""
