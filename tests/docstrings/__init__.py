"""TensorFlow's own documentation as a test of the comparison, on work that nobody here wrote.

In the folder `tests`, with a FOLDER of its own that may be thrown away:

    python -m docstrings collect FOLDER   every docstring of the public API with `>>>`, as a deck of cards
    python -m docstrings run FOLDER       runs them, as `verideck verify` does; a few minutes
    python -m docstrings study FOLDER     what we say of each output beside what TensorFlow's own checker says of it
    python -m docstrings plant FOLDER     plants errors into outputs that passed, and counts who sees them
"""
