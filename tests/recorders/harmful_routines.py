"""Routines that try to leave something behind, and names that try to be something else."""

from __future__ import annotations

import os

SCHEMA = (
    "CREATE SEQUENCE numbers",
    "CREATE SEQUENCE used START 100 INCREMENT 5 CACHE 7",
    "SELECT nextval('used')",
    "CREATE TABLE ledger (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, serial serial, amount numeric(10,2))",
    "INSERT INTO ledger (amount) VALUES (1), (2)",
)
MORE = (
    "CREATE EXTENSION dblink",
    "CREATE TABLE kept (id int PRIMARY KEY, ledger_id int REFERENCES ledger (id) ON DELETE CASCADE)",
    "INSERT INTO kept VALUES (1, 1)",
    "CREATE MATERIALIZED VIEW totals AS SELECT sum(amount) FROM ledger",
    "CREATE VIEW seen AS SELECT * FROM ledger",
    "CREATE TYPE mood AS ENUM ('calm')",
    "CREATE FUNCTION other() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "SELECT lo_from_bytea(4711, 'old')",
)
"""Besides the schema: more to harm."""

RUNS = {
    "rows": "INSERT INTO ledger (amount) VALUES (9); DELETE FROM ledger WHERE id = 1;",
    "truncate": "TRUNCATE ledger RESTART IDENTITY CASCADE;",
    "create": "CREATE TABLE new_one (a int); CREATE INDEX ON ledger (amount); CREATE SCHEMA s;",
    "alter": "ALTER TABLE ledger ADD extra text; ALTER TABLE ledger ALTER serial TYPE text;",
    "drop a sequence": "DROP SEQUENCE numbers;",
    "rename": "ALTER TABLE kept RENAME TO lost; ALTER SCHEMA public RENAME TO private;"
    " ALTER SCHEMA private RENAME TO public;",
    "drop beside": "DROP TABLE kept; DROP VIEW seen; DROP FUNCTION other();",
    "drop owned": "DROP MATERIALIZED VIEW totals; DROP TYPE mood; DROP EXTENSION dblink;",
    "replace itself": "CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE sql AS '';",
    "replace another": "CREATE OR REPLACE FUNCTION other() RETURNS int LANGUAGE sql AS 'SELECT 2'; PERFORM other();",
    "nextval": "PERFORM nextval('numbers'), nextval('used'), nextval('used'), lastval();",
    "setval": "PERFORM setval('numbers', 500), setval('used', 7, false);",
    "serial": "INSERT INTO ledger (amount) SELECT i FROM generate_series(1, 40) AS i;",
    "alter sequence": "ALTER SEQUENCE numbers RESTART WITH 77 INCREMENT 3; PERFORM nextval('numbers');",
    "sequence taken back": "BEGIN PERFORM nextval('numbers'); RAISE 'back'; EXCEPTION WHEN OTHERS THEN NULL; END;",
    "sequence of its own": "CREATE SEQUENCE mine; PERFORM nextval('mine');"
    " CREATE TEMP SEQUENCE t; PERFORM nextval('t');",
    "grants": "CREATE ROLE intruder; GRANT ALL ON ledger TO intruder;",
    "role": "ALTER ROLE CURRENT_USER SET work_mem = '9MB'; ALTER ROLE CURRENT_USER PASSWORD 'x';",
    "owner": "CREATE ROLE thief; ALTER TABLE ledger OWNER TO thief; SET LOCAL ROLE thief;",
    "policy": "ALTER TABLE ledger ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON ledger USING (false);",
    "comment": "COMMENT ON TABLE ledger IS 'seen';",
    "large object": "PERFORM lo_from_bytea(0, 'x');",
    "large object changed": "PERFORM lo_put(4711, 0, 'new'), lo_creat(-1);",
    "large object gone": "PERFORM lo_unlink(4711);",
    "settings": "PERFORM set_config('search_path', 'nowhere', false); SET work_mem = '1MB';",
    "settings of values": "PERFORM set_config('DateStyle', 'German', false),"
    " set_config('TimeZone', 'Asia/Tokyo', false);"
    " SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY; SET bytea_output = escape;",
    "settings of limits": "SET statement_timeout = 0; SET lock_timeout = 1; SET session_replication_role = replica;",
    "reset": "RESET ALL;",
    "session role": "CREATE ROLE someone; SET SESSION AUTHORIZATION someone;",
    "database setting": "EXECUTE format('ALTER DATABASE %I SET work_mem = 99', current_database());",
    "temporary table": "CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (1);",
    "table hidden": "CREATE TEMP TABLE kept (a int); INSERT INTO kept VALUES (1); DELETE FROM public.kept;",
    "notify": "NOTIFY somebody, 'x'; PERFORM pg_notify('somebody', 'y');",
    "listen": "LISTEN somebody; UNLISTEN *; LISTEN somebody;",
    "fails": "INSERT INTO ledger (amount) VALUES (9); PERFORM nextval('numbers'); RAISE EXCEPTION 'no';",
    "advisory lock": "PERFORM pg_advisory_lock(42), pg_advisory_lock_shared(43), pg_advisory_xact_lock(44);",
    "prepared": "EXECUTE 'PREPARE p AS SELECT 1';",
    "held cursor": "EXECUTE 'DECLARE c CURSOR WITH HOLD FOR SELECT * FROM ledger';",
    "trigger off": "ALTER TABLE ledger DISABLE TRIGGER ALL; DELETE FROM ledger;",
    "trigger": "CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM kept; RETURN NULL; END';"
    " CREATE TRIGGER t AFTER INSERT ON ledger EXECUTE FUNCTION t(); INSERT INTO ledger (amount) VALUES (1);",
    "event trigger": "CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
    " CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION e();",
    "rule": "CREATE RULE r AS ON DELETE TO ledger DO INSTEAD NOTHING; DELETE FROM ledger;",
    "refresh": "INSERT INTO ledger (amount) VALUES (5); REFRESH MATERIALIZED VIEW totals;",
    "enum": "ALTER TYPE mood ADD VALUE 'cross';",
    "constraint": "ALTER TABLE ledger ADD CHECK (amount < 100) NOT VALID; ALTER TABLE kept DROP CONSTRAINT kept_pkey;",
    "cluster": "CLUSTER ledger USING ledger_pkey; REINDEX TABLE ledger; ANALYZE ledger;",
    "unlogged": "ALTER TABLE kept SET UNLOGGED; ALTER TABLE kept SET (fillfactor = 50);",
    "reads a file": "CREATE TEMP TABLE lines (a text); COPY lines FROM '/etc/hostname';",
    "publication": "CREATE PUBLICATION p FOR TABLE ledger; DROP PUBLICATION p;",
    "extension": "DROP EXTENSION dblink; CREATE EXTENSION dblink;",
    "foreign server": "CREATE SERVER s FOREIGN DATA WRAPPER dblink_fdw OPTIONS (dbname 'x');",
    "catalog": "UPDATE pg_database SET datconnlimit = 7 WHERE datname = current_database();",
    "lock": "LOCK TABLE ledger IN ACCESS EXCLUSIVE MODE;",
    "autonomous": "BEGIN PREPARE TRANSACTION 'x'; EXCEPTION WHEN OTHERS THEN NULL; END;",
    "vacuum": "VACUUM ledger;",
    "create database": "CREATE DATABASE another;",
    "alter system": "ALTER SYSTEM SET work_mem = '99MB';",
    "commit": "INSERT INTO ledger (amount) VALUES (3); COMMIT;",
    "commit in text": "EXECUTE 'COMMIT';",
    "copy to the client": "COPY ledger TO STDOUT;",
}
"""Bodies of functions that run, or fail as they would at home; nothing stays."""

ESCAPED = f"/tmp/characterize-escaped-{os.getpid()}"
REFUSED = {
    "copy to a file": f"COPY ledger TO '{ESCAPED}';",
    "copy of a query": f"DELETE FROM kept; COPY (SELECT 1; SELECT 2) TO '{ESCAPED}';".replace(
        "; SELECT 2", ""
    ),
    "copy to a program": f"COPY ledger TO PROGRAM 'cat > {ESCAPED}';",
    "copy from a program": f"COPY ledger (amount) FROM PROGRAM 'touch {ESCAPED}; echo 1';",
    "copy in text": f"EXECUTE 'copy ledger to ''{ESCAPED}''';",
    "copy in pieces": f"EXECUTE 'COPY ' || 'ledger' || ' TO ' || quote_literal('{ESCAPED}');",
    "copy by format": f"EXECUTE format('COPY %I TO %L', 'ledger', '{ESCAPED}');",
    "dblink": "PERFORM dblink_exec(format('dbname=%s user=postgres host=%s', current_database(),"
    " split_part(current_setting('unix_socket_directories'), ',', 1)), 'DELETE FROM kept');",
    "dblink by steps": "PERFORM public.dblink_connect('c', 'dbname=postgres');",
    "dblink quoted": "PERFORM \"public\" . \"dblink_send_query\" ('c', 'DELETE FROM kept');",
    "dblink in text": "EXECUTE 'SELECT dblink_exec(''dbname=postgres'', ''DELETE FROM kept'')';",
    "large object to a file": f"PERFORM lo_export(4711, '{ESCAPED}');",
    "other sessions": "PERFORM pg_terminate_backend(pid) FROM pg_stat_activity;",
    "cancel": "PERFORM pg_catalog.pg_cancel_backend(pid) FROM pg_stat_activity;",
    "slot": "PERFORM pg_create_physical_replication_slot('left_behind');",
    "statistics": "PERFORM pg_stat_reset();",
    "reload": "PERFORM pg_reload_conf();",
    "log": "PERFORM pg_switch_wal();",
    "message": "PERFORM pg_logical_emit_message(false, 'a', 'b');",
}
"""Bodies that say what no rollback undoes: refused before they run."""

NAMES = [
    'quo"ted', "apos'trophe", "semi; DROP TABLE victim; --", '"; DROP TABLE victim; --', "') ; DROP TABLE victim; --",
    "dot.ted", ".", "a.b.c", "..", "a.", ".b", "par(en)s", "f()", "f(integer)", "f(", ")", "(", "()",
    "per%cent %s %(x)s %%", "%", "%(", "%I", "dollar$1 $$ $body$", "$", "$function$", "$x y", "brace{0}{}", "{",
    "{x!r}", "back\\slash", "\\", "\\'", "E'\\x'", "U&\"d\\0061t\"", "new\nline", "tab\tbed", "car\rriage", " space ",
    " ", "  ", "select", "NULL", "table", "user", "default", "true", "lateral", "MixedCase",
    "UPPER", "ünï_Ω_\U0001f600", "/* comment", "*/", "-- comment", "--", ";", ";;", "'", "''", '"', '""', '"""', '"."',
    "a\"b'c", "x' OR '1'='1", "x\"; SELECT 1; --", "[a]", "a,b", "a, b", "=>", "::int", "@x", ":x", "?", "#", "`",
    "x" * 63, "é" * 31, "\U0001f600" * 15, "e\u0301", "é", "\u202eevil", "\ufeff", "\u00a0", "FULL", "1", "1a",
    "-1", "\u0001", "\x7f", "\u2028",
]  # fmt: skip
"""Legal names of schemas, routines, parameters, types, tables and columns."""
