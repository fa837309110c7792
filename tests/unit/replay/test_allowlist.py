from __future__ import annotations

import pytest

from pytest_characterize.errors import ConfigurationError
from pytest_characterize.replay.allowlist import AllowList, canonical_host, host_port


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("db:5432", "db:5432"),
        ("DB.Example.:5432", "db.example:5432"),
        ("db.example:5432", "DB.EXAMPLE.:5432"),
        ("db:*", "db:1"),
        ("10.0.0.7:80", "10.0.0.7:80"),
        ("10.0.0.7:80", "[::ffff:10.0.0.7]:80"),
        ("localhost:5432", "127.0.0.1:5432"),
        ("127.0.0.1:5432", "localhost:5432"),
        ("127.0.0.1:5432", "[::1]:5432"),
        ("[::1]:5432", "[::1]:5432"),
        ("[0:0::1]:5432", "127.0.0.1:5432"),
        ("[fe80::1]:80", "[fe80::1%eth0]:80"),
        ("/run/db.sock", "/run/db.sock"),
        ("/var/run/postgresql", "/var/run/postgresql/.s.PGSQL.5432"),
        ("/var/run/postgresql/", "/var/run/postgresql/.s.PGSQL.5432"),
        ("@bus", "@bus"),
        ("run:psql", "run:psql"),
        ("service=billing", "service=billing"),
        ("dsn=ERP", "dsn=ERP"),
        ("file=/etc/my.cnf", "file=/etc/my.cnf"),
    ],
)
def test_permits(entry: str, address: str) -> None:
    assert AllowList([entry]).permits(address)
    assert not AllowList().permits(address)


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("db:5432", "db:5433"),
        ("db:5432", "other:5432"),
        ("db:5432", "db.example:5432"),
        ("localhost:5432", "127.0.0.1:80"),
        ("localhost:5432", "127.0.0.2:5432"),
        ("localhost:5432", "0.0.0.0:5432"),
        ("localhost:5432", "127.1:5432"),
        ("db:*", "run:db"),
        ("/run/db.sock", "/run/other.sock"),
        ("/run/db.sock", "/run"),
        ("/run", "/run/below/db.sock"),
        ("@bus", "@other"),
        ("run:psql", "run:curl"),
        ("service=billing", "service=archive"),
    ],
)
def test_refuses(entry: str, address: str) -> None:
    assert not AllowList([entry]).permits(address)


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "db",
        "db:",
        ":80",
        "db:http",
        "db:123456",
        "http://db:80",
        "db:80/path",
        "user@db:80",
        "a b:80",
        "::1:80",
    ],
)
def test_a_malformed_entry_is_an_error(entry: str) -> None:
    with pytest.raises(ConfigurationError, match="in the allow-list is no address") as caught:
        AllowList([entry])
    assert caught.value.slug == "allow-malformed"
    assert repr(entry) in str(caught.value)


def test_a_resolved_number_stands_for_its_name_on_the_names_ports_only() -> None:
    allowed = AllowList(["db.example:5432"])
    assert not allowed.permits("10.1.2.3:5432")
    allowed.learn("db.example", "10.1.2.3")
    assert allowed.permits("10.1.2.3:5432")
    assert not allowed.permits("10.1.2.3:80")
    assert not allowed.permits("10.1.2.4:5432")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "127.0.0.1", "10.9.8.7", "::1", "db", "DB"])
def test_names_that_may_be_resolved(host: str) -> None:
    assert AllowList(["db:1"]).permits_name(host)


def test_foreign_names_may_not_be_resolved() -> None:
    assert not AllowList(["db:1"]).permits_name("legacy.example")


def test_host_and_port_are_written_as_entries_are_read() -> None:
    for host in ("db", "10.0.0.1", "::1", "[::1]"):
        assert AllowList([host_port(host, 80)]).permits(host_port(host, 80))


def test_one_spelling_a_host() -> None:
    assert canonical_host("[2001:DB8::0:1%en0]") == "2001:db8::1"
    assert canonical_host("Example.COM.") == "example.com"
