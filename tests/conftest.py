"""What all tests take for granted."""

from __future__ import annotations

import signal

# A shell starts what it runs in the background with SIGINT ignored, and nohup with SIGHUP; every process
# that a test starts would inherit that, and never be interrupted.
for _number, _usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _usual)
