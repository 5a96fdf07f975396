"""How results and runs look when they are alive."""
