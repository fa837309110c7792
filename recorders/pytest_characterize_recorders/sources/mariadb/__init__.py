"""MariaDB and MySQL: connections, routines and statements as recorders need them."""
