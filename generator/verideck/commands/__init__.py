"""The commands, one a module; each is thin: it calls the stages in order and reports."""
