"""Routines of MariaDB that try to leave something behind, and names that try to be something else."""

from __future__ import annotations

import os

from harmful_routines import NAMES as POSTGRESQL_NAMES

SCHEMA = (
    "CREATE TABLE ledger (id INT AUTO_INCREMENT PRIMARY KEY, amount DECIMAL(10,2))",
    "INSERT INTO ledger (amount) VALUES (1), (2)",
    "CREATE TABLE kept (id INT PRIMARY KEY, ledger_id INT,"
    " FOREIGN KEY (ledger_id) REFERENCES ledger (id) ON DELETE CASCADE)",
    "INSERT INTO kept VALUES (1, 1)",
    "CREATE TABLE old (n INT) ENGINE=MyISAM",
    "INSERT INTO old VALUES (1)",
    "CREATE SEQUENCE numbers",
    "CREATE VIEW seen AS SELECT * FROM ledger",
    "CREATE TRIGGER watch BEFORE UPDATE ON kept FOR EACH ROW SET NEW.id = NEW.id + 0",
    "CREATE FUNCTION other() RETURNS INT RETURN 1",
    "CREATE EVENT later ON SCHEDULE EVERY 1 YEAR DISABLE DO DELETE FROM ledger",
)

RUNS = {
    "rows": "INSERT INTO ledger (amount) VALUES (9); DELETE FROM ledger WHERE id = 1;",
    "all rows": "DELETE FROM kept; DELETE FROM ledger;",
    "replace": "REPLACE INTO ledger (id, amount) VALUES (1, 9);",
    "upsert": "INSERT INTO kept VALUES (1, 2) ON DUPLICATE KEY UPDATE ledger_id = 2;",
    "several tables": "UPDATE ledger JOIN kept ON kept.ledger_id = ledger.id SET amount = 9, ledger_id = NULL;",
    "delete of several": "DELETE ledger, kept FROM ledger JOIN kept ON kept.ledger_id = ledger.id;",
    "through a view": "UPDATE seen SET amount = 7;",
    "another schema": "INSERT INTO {other}.far VALUES (9); DELETE FROM {other}.far WHERE n = 1;",
    "another schema in text": "EXECUTE IMMEDIATE 'DELETE FROM {other}.far';",
    "unchecked keys": "SET foreign_key_checks = 0; DELETE FROM ledger WHERE id = 1;",
    "savepoints": "SAVEPOINT a; DELETE FROM kept; ROLLBACK TO SAVEPOINT a; RELEASE SAVEPOINT a;",
    "temporary table": "CREATE TEMPORARY TABLE mine (n INT); INSERT INTO mine VALUES (1);",
    "table hidden": "CREATE TEMPORARY TABLE kept (n INT); INSERT INTO kept VALUES (1); DELETE FROM kept;",
    "table hidden by its like": "CREATE TEMPORARY TABLE kept (id INT PRIMARY KEY, ledger_id INT);"
    " INSERT INTO kept VALUES (7, 1);",
    "temporary table dropped": "CREATE TEMPORARY TABLE mine (n INT); DROP TEMPORARY TABLE mine;",
    "lock by name": "DO GET_LOCK('characterize-harm', 0);",
    "lock of rows": "SELECT * FROM ledger FOR UPDATE; SELECT * FROM kept LOCK IN SHARE MODE;",
    "user variables": "SET @mine = 1; SELECT amount INTO @theirs FROM ledger LIMIT 1;",
    "our variables": "SET @characterize_0 = 'x', @characterize_state = 'y';",
    "settings": "SET SESSION sql_mode = '', max_statement_time = 0, unique_checks = 0, innodb_lock_wait_timeout = 1;",
    "isolation": "SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED;",
    "settings of texts": "SET NAMES latin1; SET time_zone = '+05:00', character_set_results = NULL;",
    "last id": "DO LAST_INSERT_ID(99);",
    "reads a file": "SELECT LOAD_FILE('/etc/hostname') IS NULL;",
    "prepared": "PREPARE q FROM 'DELETE FROM kept'; EXECUTE q;",
    "prepared and left": "PREPARE q FROM 'INSERT INTO kept VALUES (?, NULL)';",
    "statement of settings": "SET STATEMENT sort_buffer_size = 100000 FOR DELETE FROM kept;",
    "fails": "INSERT INTO ledger (amount) VALUES (9); SIGNAL SQLSTATE '45000';",
    "fails in the server": "INSERT INTO kept VALUES (7, NULL), (1, NULL);",
    "failure handled": "DECLARE CONTINUE HANDLER FOR SQLEXCEPTION DELETE FROM kept; INSERT INTO kept VALUES (1, 1);",
    "many rows": "INSERT INTO ledger (amount) SELECT seq FROM seq_1_to_500;",
    "recursion": "SET max_sp_recursion_depth = 3; INSERT INTO ledger (amount) VALUES (1);",
    "cursor left open": "DECLARE c CURSOR FOR SELECT id FROM ledger; OPEN c;",
    "set role": "SET ROLE NONE;",
    "sql log": "SET SESSION sql_log_bin = 0; DELETE FROM kept;",
}
"""Bodies that run, or fail as they would at home; nothing stays. ``{other}`` is another schema."""

ESCAPED = f"/tmp/characterize-escaped-maria-{os.getpid()}"
REFUSED = {
    "commit": "INSERT INTO ledger (amount) VALUES (3); COMMIT;",
    "commit and chain": "COMMIT AND CHAIN;",
    "begin": "START TRANSACTION READ ONLY;",
    "truncate": "TRUNCATE kept;",
    "create": "CREATE TABLE new_one (n INT);",
    "create as": "CREATE TABLE new_one AS SELECT * FROM ledger;",
    "create like": "CREATE TABLE new_one LIKE ledger;",
    "alter": "ALTER TABLE ledger ADD extra INT;",
    "counter": "ALTER TABLE ledger AUTO_INCREMENT = 500;",
    "drop": "DROP TABLE IF EXISTS kept;",
    "drop a view": "DROP VIEW seen;",
    "replace a view": "CREATE OR REPLACE VIEW seen AS SELECT 1;",
    "index": "CREATE INDEX i ON ledger (amount);",
    "drop an index": "DROP INDEX i ON ledger;",
    "schema": "CREATE DATABASE another;",
    "drop a schema": "DROP DATABASE {other};",
    "event": "DROP EVENT later;",
    "alter an event": "ALTER EVENT later ENABLE;",
    "create an event": "EXECUTE IMMEDIATE 'CREATE EVENT soon ON SCHEDULE EVERY 1 YEAR DO DO 1';",
    "drop a trigger": "DROP TRIGGER watch;",
    "drop a routine": "EXECUTE IMMEDIATE 'DROP FUNCTION other';",
    "user": "CREATE USER intruder@localhost;",
    "grant": "GRANT ALL ON *.* TO root@localhost;",
    "revoke": "REVOKE INSERT ON *.* FROM root@localhost;",
    "password": "SET PASSWORD FOR root@localhost = PASSWORD('x');",
    "rename a user": "RENAME USER root@localhost TO intruder@localhost;",
    "role": "CREATE ROLE someone;",
    "sequence": "DO NEXTVAL(numbers);",
    "sequence by phrase": "SELECT NEXT VALUE FOR numbers;",
    "sequence set": "DO SETVAL(numbers, 500);",
    "new sequence": "CREATE SEQUENCE mine;",
    "table without transactions": "INSERT INTO old VALUES (2);",
    "table without transactions in a trigger": "UPDATE old JOIN ledger SET old.n = 2;",
    "to a file": f"SELECT * FROM ledger INTO OUTFILE '{ESCAPED}';",
    "dump to a file": f"SELECT 1 INTO DUMPFILE '{ESCAPED}';",
    "global setting": "SET GLOBAL max_connections = 40;",
    "global setting by sign": "SET @@GLOBAL.max_connections = 40;",
    "flush": "FLUSH TABLES;",
    "reset": "RESET QUERY CACHE;",
    "kill": "KILL 1;",
    "optimize": "OPTIMIZE TABLE ledger;",
    "xa": "XA COMMIT 'characterize';",
    "xa rollback": "XA END 'characterize';",
    "plugin": "INSTALL SONAME 'none';",
    "lock in text": "EXECUTE IMMEDIATE 'LOCK TABLES ledger WRITE';",
    "commit in text": "EXECUTE IMMEDIATE 'COMMIT';",
    "commit in pieces": "EXECUTE IMMEDIATE CONCAT('COM', 'MIT');",
    "definition in pieces": "EXECUTE IMMEDIATE CONCAT('DROP ', 'TABLE kept');",
    "global setting in text": "EXECUTE IMMEDIATE 'SET GLOBAL max_connections = 40';",
    "sequence in text": "EXECUTE IMMEDIATE 'DO NEXTVAL(numbers)';",
    "file in text": f"EXECUTE IMMEDIATE 'SELECT 1 INTO OUTFILE ''{ESCAPED}''';",
    "table without transactions in text": "PREPARE q FROM 'DELETE FROM old'; EXECUTE q;",
    "kill in text": "EXECUTE IMMEDIATE CONCAT('KILL ', CONNECTION_ID() + 1000);",
}
"""Bodies that say, or do by dynamic SQL, what no rollback undoes: refused, and nothing stays."""

_MORE = [
    "quo`te", "`", "``", "`; DROP TABLE victim; --", "`.`", "a`.`b", "a`b'c\"d", "# x", "/*! DROP TABLE victim */",
    "/*!50000 x", "/*M! x */", "@@global.x", "@characterize_0", "0x41", "1e5", "X'41'", "_utf8'x'", "N'x'", "\\`",
]  # fmt: skip


def _is_legal(name: str) -> bool:
    """MariaDB's own limits: no blank at the end, 64 characters, none beyond Unicode's first plane."""
    return not name.endswith(" ") and len(name) <= 64 and max(map(ord, name)) < 0x10000


NAMES = sorted({name for name in (*POSTGRESQL_NAMES, *_MORE) if _is_legal(name)})
"""Legal names of schemas, tables, columns, routines and parameters."""
