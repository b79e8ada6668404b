"""The process that runs snippets: a fork server, its gate, and the child that each card gets, in its sandbox.

Everything here runs in the interpreter that the snippets are for, which may be another one than
Verideck's own: it imports the standard library and its own modules, nothing else. Only what `server` is
asked to preload is imported besides.

    verify ──requests, a file a card──▶ loop ──start──▶ child ──sandbox──▶ card ──execute──▶ snippet
           ◀──────────────── events, a line of JSON each ────────────────────┘

`server` imports, `gate` tells whether it may be forked from, `start` makes a card's process, forked or a new Python,
`child` gets that ready, `card` limits it and runs its snippets. `watch` bounds what the kernel's limits do not.
"""
