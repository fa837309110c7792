"""pytest's door: declares the options, then registers only what the run's one mode needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from pytest_characterize.errors import CharacterizeError
from pytest_characterize.plugin.options import OPTIONS, SESSION, Mode, add_options, open_session, read_options

if TYPE_CHECKING:
    from pytest_characterize.plugin.ledger import LedgerPlugin
    from pytest_characterize.plugin.tracing import TracingPlugin


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the command-line options."""
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Resolve the mode and register its parts; their modules are imported only then."""
    config.addinivalue_line(
        "markers",
        "characterize(legacy, candidate, cases, args, policy, raises, at, freeze): "
        "the test function is the candidate; its result is compared with what legacy did",
    )
    try:
        options = read_options(config)
        config.stash[OPTIONS] = options
        if options.mode is Mode.OFF:
            _configure_off(config)
        else:
            config.stash[SESSION] = open_session(config)
            _configure_running(config)
            _CONFIGURE[options.mode](config)
    except CharacterizeError as error:
        raise pytest.UsageError(str(error)) from None


def _configure_off(config: pytest.Config) -> None:
    from pytest_characterize.plugin.off import OffPlugin

    config.pluginmanager.register(OffPlugin(), "characterize-off")


def _configure_running(config: pytest.Config) -> None:
    from pytest_characterize.plugin.ending import EndingPlugin

    config.pluginmanager.register(EndingPlugin(config), "characterize-ending")


def _configure_record(config: pytest.Config) -> None:
    from pytest_characterize.plugin.record import RecordPlugin
    from pytest_characterize.plugin.usage import UsagePlugin

    usage = UsagePlugin()
    config.pluginmanager.register(usage, "characterize-usage")
    record = RecordPlugin(config.stash[SESSION], config.stash[OPTIONS], usage)
    config.pluginmanager.register(record, "characterize-record")


def _configure_mutants(config: pytest.Config) -> None:
    from pytest_characterize.plugin.mutate import MutatePlugin
    from pytest_characterize.plugin.usage import UsagePlugin

    usage = UsagePlugin()
    config.pluginmanager.register(usage, "characterize-usage")
    mutate = MutatePlugin(config.stash[SESSION], config.stash[OPTIONS], usage)
    config.pluginmanager.register(mutate, "characterize-mutate")


def _configure_replay(config: pytest.Config) -> None:
    from pytest_characterize.plugin.collecting import CollectingPlugin
    from pytest_characterize.plugin.giving import GivingPlugin
    from pytest_characterize.plugin.ledger import LedgerPlugin
    from pytest_characterize.plugin.rule_gate import Gates, RuleGatePlugin
    from pytest_characterize.plugin.running import RunningPlugin
    from pytest_characterize.plugin.scenario import ScenarioPlugin
    from pytest_characterize.plugin.terminal import TerminalPlugin
    from pytest_characterize.plugin.travelling import TravellingPlugin
    from pytest_characterize.plugin.usage import UsagePlugin

    session, options, usage = config.stash[SESSION], config.stash[OPTIONS], UsagePlugin()
    session.rules.catalogue()  # what is declared wrongly is told before anything runs
    collecting = CollectingPlugin(session, usage)
    ledger = LedgerPlugin(session, collecting)
    register = config.pluginmanager.register
    register(usage, "characterize-usage")
    register(collecting, "characterize-collecting")
    tracing = _tracing(config, ledger) if options.trace else None
    register(RunningPlugin(session, options.seed, tracing), "characterize-running")
    register(TravellingPlugin(), "characterize-travelling")
    register(ScenarioPlugin(session), "characterize-scenario")
    register(GivingPlugin(session), "characterize-giving")
    register(ledger, "characterize-ledger")
    register(TerminalPlugin(session, options, ledger), "characterize-terminal")
    register(
        RuleGatePlugin(ledger, Gates(options.fail_under, options.adequacy_under)), "characterize-rule-gate"
    )


def _tracing(config: pytest.Config, ledger: LedgerPlugin) -> TracingPlugin:
    from pytest_characterize.plugin.tracing import TracingPlugin

    tracing = TracingPlugin(ledger, config.stash[SESSION].settings.root)
    config.pluginmanager.register(tracing, "characterize-tracing")
    return tracing


_CONFIGURE: Final = {
    Mode.RECORD: _configure_record,
    Mode.MUTANTS: _configure_mutants,
    Mode.REPLAY: _configure_replay,
}
