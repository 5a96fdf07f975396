"""Tables: read, cleaned, split and encoded into a Dataset; everything learnt is learnt from the training part."""
