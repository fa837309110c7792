"""Requests and answers: JSON behind its length in eight bytes, on descriptors of their own."""

from __future__ import unicode_literals

import fcntl
import json
import os
import struct
import sys

from ..varying import VariantError, Varying
from .function import bound, find, outcome, source_of
from .kinds import Refused, Unstorable
from .reading import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO, Dict, Optional, Tuple

HEAD = struct.Struct(">Q")


def main():
    # type: () -> None
    """Greet, open the function that the first request names, and answer the others one by one.

    ``texts`` asks for the texts of its modules, ``variant`` has them run as other texts have them, and
    ``arguments`` has it called, with ``apart`` in a process that ends with the call.
    """
    requests, answers = _channels()
    process = os.getpid()
    sys.argv[:] = [""]
    kind = getattr(getattr(sys, "implementation", None), "name", "cpython")
    _send(answers, {"python": "%d.%d" % sys.version_info[:2], "implementation": kind})
    request = _received(requests)
    if request is None:
        return
    sys.path[:0] = [str(entry) for entry in request["path"]]
    try:
        function = find(str(request["target"]))
    except Refused as error:
        _send(answers, {"refused": error.args[0]})
        return
    varying = Varying(str(request["target"]).partition(":")[0], [str(one) for one in request["modules"]])
    _send(answers, {"source": source_of(function)})
    while True:
        request = _received(requests)
        if request is None:
            return
        if request.get("apart"):
            _answer_apart(request, function, varying, answers)
            continue
        answer = _answer(request, function, varying)
        if os.getpid() != process:  # legacy forked, and this is the child
            os._exit(0)
        _send(answers, answer)


def _answer_apart(request, function, varying, answers):
    # type: (Dict[str, Any], Any, Varying, BinaryIO) -> None
    """Answer in a process that ends with it, so that nothing of the call is left in this one."""
    child = os.fork()
    if child:
        status = os.waitpid(child, 0)[1]
        if status:
            _send(answers, {"ended": status})
        return
    status, process = 1, os.getpid()
    try:
        answer = _answer(request, function, varying)
        if os.getpid() == process:
            _send(answers, answer)
        status = 0
    finally:
        os._exit(status)


def _answer(request, function, varying):
    # type: (Dict[str, Any], Any, Varying) -> Dict[str, Any]
    if "texts" in request:
        return {"texts": list(varying.texts().items())}
    if "variant" in request:
        try:
            varying.vary({str(name): text for name, text in request["variant"].items()})
        except VariantError as error:
            return {"not varied": error.why, "slug": error.slug, "hint": error.hint}
        return {"varied": sorted(request["variant"])}
    return _called(request, function, varying)


def _called(request, function, varying):
    # type: (Dict[str, Any], Any, Varying) -> Dict[str, Any]
    native = str(request["encoding"])
    try:
        arguments = read(request["arguments"], native)
    except Refused as error:
        return {"unpassable": error.args[0]}
    try:
        call = bound(function, arguments)
        varying.clear()
        told = outcome(call, native)
    except Refused as error:
        return {"refused": error.args[0]}
    except Unstorable as error:
        return {"unstorable": error.why, "hint": error.hint, "parts": error.parts[::-1]}
    return dict(told, hits=varying.hits(), modules=list(varying.texts()))


def _channels():
    # type: () -> Tuple[BinaryIO, BinaryIO]
    """Where requests come from and answers go to; legacy reads nothing, and prints where errors go."""
    kept = os.dup(0), os.dup(1)
    for descriptor in kept:
        fcntl.fcntl(descriptor, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return os.fdopen(kept[0], "rb"), os.fdopen(kept[1], "wb")


def _received(requests):
    # type: (BinaryIO) -> Optional[Dict[str, Any]]
    head = requests.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    return json.loads(requests.read(HEAD.unpack(head)[0]).decode("ascii"))  # type: ignore[no-any-return]


def _send(answers, answer):
    # type: (BinaryIO, Dict[str, Any]) -> None
    body = json.dumps(answer).encode("ascii")
    answers.write(HEAD.pack(len(body)) + body)
    answers.flush()
