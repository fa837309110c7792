"""The modules of a legacy function, run as other texts have them; in every interpreter from Python 2.7 on.

As :mod:`.probing`, it is loaded by other interpreters too.
"""

# ruff: noqa: B904, F401, UP004, UP031
from .constants import Constants
from .probing import Probes, Texts, existing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import FunctionType


class VariantError(Exception):
    """Legacy cannot be run so.

    Attributes:
        slug: of the message.
    """

    def __init__(self, why, slug, hint):
        # type: (str, str, str) -> None
        Exception.__init__(self, why)
        self.why, self.slug, self.hint = why, slug, hint


class Varying(object):
    """The texts of a module and of those that belong to it, and what is run in their place.

    Nothing is imported again: functions get other code, names that hold a literal another one; classes and state stay
    what they are.
    """

    def __init__(self, module, patterns):
        # type: (str, Iterable[str]) -> None
        self._texts = Texts(module, patterns)
        self._variant = {}  # type: Mapping[str, str]
        self._probes = Probes({}, {})
        self._constants = Constants({}, {})
        self._existing = None  # type: dict[str, list[FunctionType]] | None

    def texts(self):
        # type: () -> dict[str, str]
        """Module name -> source text, of those that are loaded by now."""
        return self._texts.loaded()

    def vary(self, variant):
        # type: (Mapping[str, str]) -> None
        """From now on, run the functions of these modules as these texts have them, and all others as they are.

        Raises:
            VariantError: ``variant-unknown``, ``variant-broken`` or ``variant-stale``.
        """
        if variant != self._variant:
            self._existing = None
            self.take(self.prepared(variant), variant)

    def prepared(self, variant):
        # type: (Mapping[str, str]) -> tuple[Probes, Constants]
        """What :meth:`vary` would install; the modules are run as they are.

        Raises:
            VariantError: as :meth:`vary`.
        """
        if self._variant:
            self.remove()
        self._probes, self._constants, self._variant = Probes({}, {}), Constants({}, {}), {}
        texts = self.texts()
        for name in variant:
            if name not in texts:
                raise VariantError(
                    "'%s' is no module whose text was told" % name,
                    "variant-unknown",
                    "use the names of sources()",
                )
        try:
            probes = Probes(texts, variant, self._functions(texts))
            constants = Constants(texts, variant)
        except (SyntaxError, ValueError) as error:
            raise VariantError(
                "a changed text cannot be compiled: %s" % " ".join(str(error).split()),
                "variant-broken",
                "record it without a variant",
            )
        if probes.strange:
            raise VariantError(
                "the functions of '%s' were not compiled from its present text" % probes.strange[0],
                "variant-stale",
                "start pytest again; code that something rewrites when it is loaded takes no probes",
            )
        if constants.strange:
            raise VariantError(
                "'%s' does not hold what its module's text gives it" % constants.strange[0],
                "variant-stale",
                "what legacy makes of a constant while it is imported cannot be changed by its text",
            )
        return probes, constants

    def take(self, prepared, variant):
        # type: (tuple[Probes, Constants], Mapping[str, str]) -> None
        """Install what was prepared of a variant."""
        for one in prepared:
            one.install()
        self._probes, self._constants = prepared
        self._variant = dict(variant)

    def _functions(self, texts):
        # type: (Iterable[str]) -> dict[str, list[FunctionType]]
        """The functions that exist; they are the same until legacy runs in this process, or loads a module."""
        if self._existing is None or set(self._existing) != set(texts):
            found = existing(texts)
            self._existing = {name: found.get(name, []) for name in texts}
        return self._existing

    def clear(self):
        # type: () -> None
        """Forget all hits; legacy is about to run."""
        self._existing = None
        self._probes.clear()

    def hits(self):
        # type: () -> list[tuple[str, int]]
        """The rules that were hit since, and how often, where the text that is run has probes."""
        return self._probes.hits()

    def remove(self):
        # type: () -> None
        """Run the modules as they are."""
        self._probes.remove()
        self._constants.remove()
