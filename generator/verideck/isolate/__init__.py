"""The process that runs snippets: a fork server, its gate, and the child that each card gets.

Everything here runs in the interpreter that the snippets are for, which may be another one than
Verideck's own: it imports the standard library and its own modules, nothing else. Only what `server` is
asked to preload is imported besides.

    verify ──requests, a line of JSON a card──▶ server ──fork──▶ child ──events, a line of JSON each──▶ verify
"""
