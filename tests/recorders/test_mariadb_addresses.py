"""Where a MariaDB address may lead: what is not surely allowed is refused, and nothing of it is told."""

from __future__ import annotations

import pytest

from pytest_characterize.errors import RecordingError
from pytest_characterize.settings import Source
from pytest_characterize_recorders.sources.mariadb.addresses import Address, checked_address

HOSTS = ("db.test", "db2.test:3307", "[::1]:3306", "/run/legacy", "/dev/shm/characterize-mariadb-*")
SECRET = "s3cr3t-pass"


def check(url: str, production: bool = False) -> Address:
    return checked_address(Source("billing", "mariadb", HOSTS, production=production), url)


@pytest.mark.parametrize(
    "url",
    [
        "mariadb://bob@db.test/billing",
        "mysql://bob:pw@DB.test.:3399/billing",
        "mysql://db2.test:3307/billing",
        "mysql://[::1]/billing",
        "mariadb://bob@localhost/billing?unix_socket=/run/legacy/mysqld.sock",
        "mariadb:///billing?unix_socket=/run/legacy//mysqld.sock",
        "mariadb:///billing?unix_socket=/dev/shm/characterize-mariadb-x1/mariadb.sock",
        "mariadb://db.test/product_catalog",
    ],
)
def test_allowed(url: str) -> None:
    assert check(url).database in ("billing", "product_catalog")


def test_the_parts_of_an_address() -> None:
    address = check("mysql://b%40b:p%2Fw@db.test:3310/a%20b?max_statement_time=5")
    assert (address.host, address.port, address.socket) == ("db.test", 3310, "")
    assert (address.user, address.password, address.database) == ("b@b", "p/w", "a b")
    assert address.statement_seconds == 5
    assert "p/w" not in repr(address)


@pytest.mark.parametrize(
    ("place", "slug"),
    [
        ("other.test/billing", "source-not-allowed"),
        ("db.test.evil.test/billing", "source-not-allowed"),
        ("db2.test/billing", "source-not-allowed"),
        ("/billing", "source-not-allowed"),
        ("db.test", "source-not-allowed"),
        ("db.test/billing?unix_socket=/run/other.sock", "source-not-allowed"),
        ("db.test/billing?unix_socket=/run/legacy/../other/x.sock", "source-not-allowed"),
        ("db.test/billing?unix_socket=/run/legacy/deeper/x.sock", "source-not-allowed"),
        ("db.test/billing?init_command=DROP", "source-address-invalid"),
        ("db.test/billing?unix_socket=/run/legacy/s&unix_socket=/run/x", "source-address-invalid"),
        ("db.test:port/billing", "source-address-invalid"),
        ("db.test/billing?max_statement_time=soon", "source-address-invalid"),
        ("db.test/billing_prod", "source-looks-like-production"),
    ],
)
def test_refused_without_telling_the_address(place: str, slug: str) -> None:
    with pytest.raises(RecordingError) as caught:
        check(f"mysql://bob:{SECRET}@{place}")
    assert caught.value.slug == slug
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("url", ["", "postgresql://db.test/billing", "db.test/billing", "mysql:billing"])
def test_no_address(url: str) -> None:
    with pytest.raises(RecordingError) as caught:
        check(url)
    assert caught.value.slug in ("source-address-invalid", "source-not-allowed")


def test_production_on_purpose() -> None:
    assert check("mysql://db.test/billing_prod", production=True).database == "billing_prod"
