"""The built-in sources, one module each; the folder is the registry."""
