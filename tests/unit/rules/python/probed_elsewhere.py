"""Runs modules with and without probes, in any Python from 2.7 on: python probed_elsewhere.py PROBING < JSON."""

# ruff: noqa: PTH123, UP031
import json
import sys
import traceback

try:
    import builtins
    from io import StringIO
except ImportError:
    import __builtin__ as builtins
    from StringIO import StringIO

FILE = "<legacy>"


def seen(code, call):
    """What a call shows: output, result, error, and the lines that a traceback names."""
    space = {"__name__": "legacy"}
    result, error, lines = "", "", []
    before, sys.stdout = sys.stdout, StringIO()
    try:
        exec(code, space)
        result = repr(eval(call, space))
    except Exception as raised:
        error = "%s: %s" % (type(raised).__name__, raised)
        lines = [list(one)[1:3] for one in traceback.extract_tb(sys.exc_info()[2]) if one[0] == FILE]
    output, sys.stdout = sys.stdout.getvalue(), before
    return [output, result, error, lines]


def main(probing):
    space = {"__name__": "probing"}
    with open(probing) as file:
        exec(compile(file.read(), probing, "exec"), space)
    answers = []
    for plain, probed, calls in json.load(sys.stdin):
        told = space["table"](probed)
        heard = space["Heard"](told["rules"], told["every"])
        setattr(builtins, told["probe"], heard.probe)
        codes = [space["compiled"](text, FILE) for text in (plain, probed)]
        for call in calls:
            heard.clear()
            answers.append([seen(code, call) for code in codes] + [sorted(heard.hits().items())])
    json.dump(answers, sys.stdout)


main(sys.argv[1])
