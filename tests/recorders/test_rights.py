"""Sources that are to be read only: accounts of a real PostgreSQL and a real MariaDB that may do more."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from itertools import count

import pytest
from legacy_database import Legacy, case
from legacy_maria import LegacyMaria
from sqlalchemy_sources import Database

from pytest_characterize.descriptors import Query
from pytest_characterize.errors import RecordingError
from pytest_characterize.settings import Source
from pytest_characterize.values import Rows
from pytest_characterize_recorders.sources.rights import require_read_only, writing_grant
from pytest_characterize_recorders.sqlalchemy_query import SqlalchemyQueryRecorder

_numbers = count(1)


class TestPostgresql:
    @pytest.fixture
    def role(self, legacy: Legacy) -> str:
        """A role that may only read the table ``t``."""
        name = f"reader_{next(_numbers)}"
        legacy.run(
            "CREATE TABLE t (id serial PRIMARY KEY, n int)",
            f"CREATE ROLE {name} LOGIN",
            f"GRANT SELECT ON t TO {name}",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        )
        return name

    def record(self, legacy: Legacy, role: str) -> None:
        query = Query("SELECT count(*) FROM t", source="legacy")
        recorder = legacy.recorder(query, dsn=f"{legacy.dsn} user={role}", read_only=True)
        assert recorder.observe(case())[0].outcome.how == "returned"
        recorder.close()

    @pytest.mark.parametrize(
        ("grant", "told"),
        [
            ("GRANT UPDATE ON t TO {}", "may write public.t"),
            ("GRANT UPDATE (n) ON t TO {}", "may write public.t"),
            ("GRANT USAGE ON SEQUENCE t_id_seq TO {}", "may advance public.t_id_seq"),
            ("GRANT CREATE ON SCHEMA public TO {}", "may make tables in schema public"),
            ("ALTER ROLE {} CREATEDB", "may make databases"),
            ("ALTER ROLE {} SUPERUSER", "is a superuser"),
            (
                "CREATE ROLE {0}_w; GRANT DELETE ON t TO {0}_w; ALTER ROLE {0} NOINHERIT; GRANT {0}_w TO {0}",
                "may write",
            ),
        ],
    )
    def test_one_that_may_do_more(self, legacy: Legacy, role: str, grant: str, told: str) -> None:
        self.record(legacy, role)
        legacy.run(grant.format(role))
        with pytest.raises(RecordingError, match=told) as refused:
            self.record(legacy, role)
        assert refused.value.slug == "source-may-write"


class TestMariadb:
    @pytest.fixture
    def account(self, maria: LegacyMaria) -> str:
        """An account that may only read the database."""
        name = f"reader_{next(_numbers)}"
        maria.run(
            "CREATE TABLE t (id int PRIMARY KEY, n int)",
            f"CREATE USER {name}@localhost",
            f"GRANT SELECT, EXECUTE, SHOW VIEW ON {maria.database}.* TO {name}@localhost",
        )
        return name

    def record(self, maria: LegacyMaria, account: str) -> None:
        url = maria.server.address(maria.database).replace("root@", f"{account}@")
        assert account in url
        recorder = maria.recorder(Query("SELECT count(*) FROM t", source="legacy"), url=url, read_only=True)
        assert recorder.observe(case())[0].outcome.how == "returned"
        recorder.close()

    @pytest.mark.parametrize(
        ("grant", "told"),
        [
            ("GRANT INSERT ON {1}.t TO {0}@localhost", "may INSERT"),
            ("GRANT UPDATE (n) ON {1}.t TO {0}@localhost", "may UPDATE"),
            ("GRANT ALL ON {1}.* TO {0}@localhost", "may ALL PRIVILEGES"),
            (
                "CREATE ROLE {0}_w; GRANT DELETE ON {1}.t TO {0}_w; GRANT {0}_w TO {0}@localhost",
                "may become the role",
            ),
        ],
    )
    def test_one_that_may_do_more(self, maria: LegacyMaria, account: str, grant: str, told: str) -> None:
        self.record(maria, account)
        maria.run(*grant.format(account, maria.database).split("; "))
        with pytest.raises(RecordingError, match=told) as refused:
            self.record(maria, account)
        assert refused.value.slug == "source-may-write"


def test_through_sqlalchemy(database: Database) -> None:
    assert database.context.source is not None
    source = replace(database.context.source, read_only=True)
    where = replace(database, context=replace(database.context, source=source))
    if database.name == "sqlite":  # which is opened to be read
        assert isinstance(where.observe("SELECT id FROM item").outcome.value, Rows)
        return
    with pytest.raises(RecordingError, match="source-may-write"):
        where.observe("SELECT id FROM item")


def test_an_account_that_may_only_read_through_sqlalchemy(postgresql: Database, mariadb: Database) -> None:
    name = f"reader_{next(_numbers)}"
    database = mariadb.context.address.split("@/")[1].split("?")[0]
    mariadb.run(f"CREATE USER {name}@localhost", f"GRANT SELECT ON {database}.* TO {name}@localhost")
    postgresql.run(
        f"CREATE ROLE {name} LOGIN",
        f"GRANT SELECT ON item TO {name}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    )
    for one in (postgresql, mariadb):
        assert one.context.source is not None
        scheme, _, rest = one.context.address.partition("://")
        url = f"{scheme}://{name}@{rest.partition('@')[2]}"
        context = replace(one.context, source=replace(one.context.source, read_only=True), address=url)
        with closing(
            SqlalchemyQueryRecorder(Query("SELECT id FROM item", source="legacy"), context)
        ) as recorder:
            assert recorder.observe(case())[0].outcome.how == "returned"


@pytest.mark.parametrize(
    ("grants", "told"),
    [
        (["GRANT SELECT ON `a ON b; INSERT`.* TO `r`@`%` WITH GRANT OPTION"], ""),
        (["GRANT USAGE ON *.* TO `r`@`%` IDENTIFIED BY PASSWORD '*A, INSERT ON'"], ""),
        (["GRANT SELECT (`a, UPDATE`), INSERT ON `d`.`t` TO `r`@`%`"], "it may INSERT"),
        (["GRANT SUPER ON *.* TO `r`@`%`"], "it may SUPER"),
    ],
)
def test_grants_are_read_as_they_are_written(grants: list[str], told: str) -> None:
    assert writing_grant(lambda _: grants) == told


def test_roles_bring_rights_of_their_own() -> None:
    grants = {
        "": ["GRANT SELECT ON *.* TO `r`@`%`", "GRANT `one` TO `r`@`%`"],
        " FOR `one`": ["GRANT `one` TO `r`@`%`", "GRANT `two` TO `one`", "GRANT SELECT ON *.* TO `one`"],
        " FOR `two`": ["GRANT USAGE ON *.* TO `two`"],
    }
    assert writing_grant(grants.__getitem__) == ""
    grants[" FOR `two`"].append("GRANT DELETE ON *.* TO `two`")
    assert writing_grant(grants.__getitem__) == "it may DELETE"


def test_a_database_of_which_nobody_can_tell() -> None:
    with pytest.raises(RecordingError, match="is to be read only"):
        require_read_only(Source("erp", "sqlalchemy", ("h",)), ["nobody can tell"])
