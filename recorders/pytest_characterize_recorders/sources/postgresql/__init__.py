"""PostgreSQL as a legacy source: the address, the session, arguments, results, errors, routines."""
