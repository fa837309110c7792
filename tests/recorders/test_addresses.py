"""Where a connection string may lead: what is not surely allowed is refused, and nothing of it is told."""

from __future__ import annotations

import pytest

from pytest_characterize.errors import RecordingError
from pytest_characterize.settings import Source
from pytest_characterize_recorders.sources.postgresql.addresses import checked_parameters

HOSTS = (
    "db.test",
    "db2.test:5433",
    "10.0.0.7",
    "[::1]:5432",
    "/run/legacy",
    "/dev/shm/characterize-postgresql-*",
)
SECRET = "s3cr3t-pass"


def check(
    address: str, hosts: tuple[str, ...] = HOSTS, production: bool = False, **env: str
) -> dict[str, str]:
    source = Source("billing", "postgresql", hosts, production=production)
    return checked_parameters(source, address, env)


@pytest.mark.parametrize(
    "address",
    [
        "host=db.test dbname=billing",
        "host=DB.test. dbname=billing",
        "host=db.test port=6543 dbname=billing",
        "host=db2.test port=5433 dbname=billing",
        "postgresql://bob:pw@db.test/billing",
        "postgresql://bob:pw@db.test,db2.test:5433/billing",
        "postgresql://[::1]/billing",
        "host=10.0.0.7 dbname=billing",
        "host=db.test hostaddr=10.0.0.7 dbname=billing",
        "hostaddr=10.0.0.7 dbname=billing",
        "host=/run/legacy dbname=billing",
        "host=/run/legacy/ dbname=billing",
        "host=/dev/shm/characterize-postgresql-x1 dbname=billing",
        "host=db.test,/run/legacy port=5432,5433 dbname=billing",
        "host=db.test user=billing",
        "host=db.test dbname=product_catalog",
        "host=db.test dbname=delivery",
        "host=db.test dbname=mastery",
        "host=db.test dbname=oliver",
    ],
)
def test_allowed(address: str) -> None:
    assert check(address)


@pytest.mark.parametrize(
    "address",
    [
        "host=other.test dbname=billing",
        "host=db.test.evil.test dbname=billing",
        "host=db dbname=billing",
        "host=xdb.test dbname=billing",
        "host=db2.test dbname=billing",
        "host=db2.test port=5432 dbname=billing",
        "host=10.0.0.70 dbname=billing",
        "host=10.7 dbname=billing",
        "host=::1 port=5433 dbname=billing",
        "host=db.test hostaddr=192.0.2.1 dbname=billing",
        "host=other.test hostaddr=10.0.0.7 dbname=billing",
        "hostaddr=192.0.2.1 dbname=billing",
        "host=db.test,other.test dbname=billing",
        "postgresql://bob:pw@db.test,other.test/billing",
        "host=db.test,db2.test port=5432,5432 dbname=billing",
        "postgresql://db.test/billing?hostaddr=192.0.2.1",
        "postgresql://db.test/billing?host=other.test",
        "host=/run dbname=billing",
        "host=/run/legacy/.. dbname=billing",
        "host=/run/legacy/../other dbname=billing",
        "host=/run/legacy2 dbname=billing",
        "host=/dev/shm/characterize-postgresql-x/../y dbname=billing",
        "host=@legacy dbname=billing",
        # Whatever the machine decides is refused.
        "dbname=billing",
        "host='' dbname=billing",
        "host=db.test, dbname=billing",
        "host=db.test hostaddr=10.0.0.7,10.0.0.7 dbname=billing",
        "host=db.test,db.test port=1,2,3 dbname=billing",
        "host=db.test",
        "service=billing",
        "host=db.test dbname=billing service=billing",
        "postgresql:///billing",
    ],
)
def test_refused(address: str) -> None:
    with pytest.raises(RecordingError) as caught:
        check(f"{address}&password={SECRET}" if "?" in address else address)
    assert caught.value.slug == "source-not-allowed"


@pytest.mark.parametrize(
    "env",
    [
        {"PGHOSTADDR": "192.0.2.1"},
        {"PGSERVICE": "billing"},
    ],
)
def test_the_environment_leads_elsewhere(env: dict[str, str]) -> None:
    with pytest.raises(RecordingError) as caught:
        check("host=db.test dbname=billing", **env)
    assert caught.value.slug == "source-not-allowed"


def test_the_environment_fills_what_is_missing_and_is_checked() -> None:
    parameters = check("", PGHOST="db.test", PGPORT="5433", PGDATABASE="billing", PGUSER="bob")
    assert parameters == {"host": "db.test", "port": "5433", "dbname": "billing", "user": "bob"}
    assert check("host=db.test dbname=a", PGHOST="other.test", PGDATABASE="b")["dbname"] == "a"
    with pytest.raises(RecordingError):
        check("dbname=billing", PGHOST="other.test")


@pytest.mark.parametrize(
    "address",
    [
        "host=db.test dbname=prod",
        "host=db.test dbname=billing_prod",
        "host=db.test dbname=billingprod",
        "host=db.test dbname=proddb",
        "host=db.test dbname=PRODUCTION",
        "host=db.test dbname=live",
        "host=db.test dbname=billing-live-2",
        "host=db.test dbname=master",
        "host=db.test user=prod",
        "host=prod.db.test dbname=billing",
        "host=live-db dbname=billing",
        "host=/cloudsql/prod:eu:billing dbname=billing",
        "host=db.test,prd1 dbname=billing",
    ],
)
def test_what_looks_like_production(address: str) -> None:
    hosts = (*HOSTS, "prod.db.test", "live-db", "/cloudsql/*", "prd1")
    with pytest.raises(RecordingError) as caught:
        check(address, hosts)
    assert caught.value.slug == "source-looks-like-production"
    assert check(address, hosts, production=True)


@pytest.mark.parametrize(
    "address",
    [
        f"hots=db.test password={SECRET}",
        f"host=db.test password='{SECRET}",
        f"postgresql://bob:{SECRET}@db.test:port/x?bad",
        f"http://bob:{SECRET}@db.test/",
        f"host=other.test password={SECRET} dbname=hidden",
        f"host=db.test password={SECRET} dbname=hidden_prod",
    ],
)
def test_nothing_of_the_address_is_told(address: str) -> None:
    with pytest.raises(RecordingError) as caught:
        check(address)
    error: BaseException | None = caught.value
    assert "CHARACTERIZE_SOURCE_BILLING_DSN" in str(error) or "[tool.characterize.sources.billing]" in str(
        error
    )
    for part in (SECRET, "db.test", "other.test", "hidden", "bob"):
        assert part not in str(error)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
