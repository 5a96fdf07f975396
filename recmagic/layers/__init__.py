"""Layers that Keras and Keras-RS lack, one a file."""
