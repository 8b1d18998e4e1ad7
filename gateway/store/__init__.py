"""All SQL, and the one thread that writes it.

    ledger --Addition--> Store --queue--> Writer (a thread) --batch--> GroupCommit --one commit--> the file

Callers on any event loop hand over work and await a future. The writer thread takes everything that is waiting,
does it inside one transaction, commits once, and wakes every caller with one call into its loop. What a caller was
told is done is on the disk: WAL with synchronous=FULL syncs the log at every commit. Whoever got no answer (crash,
cancellation) may find the work done or not done, never half done.

Appends are values and are done set-wise, one statement per table and batch: a replayed nonce is found before anything is
written, so that a refusal leaves nothing to undo, and the thread hands the interpreter lock to the event loop, and wins it
back, a few times per batch and not per append (10 to 30 % more appends a second where the log is the limit).
"""
