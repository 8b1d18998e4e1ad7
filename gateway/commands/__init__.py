"""The command line. Every command takes `--json`; exit codes: 0 done, 1 the answer is no, 2 usage or configuration,
3 undetermined or could not reach; several at once: the worst. The only room that may start mocks.
"""
