"""Runs a command and ends it, with all it has started, as soon as standard input closes.

Whoever starts this holds the other end of that pipe. When it is closed, or its holder dies in
whatever way, the command's whole process group is killed and, with `--remove`, a folder removed.

    guard.py [--remove FOLDER] COMMAND [ARGUMENT...]
"""

import os
import shutil
import signal
import subprocess
import sys
import threading


def main() -> int:
    arguments = sys.argv[1:]
    folder = None
    if arguments[0] == "--remove":
        folder, arguments = arguments[1], arguments[2:]
    child = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, start_new_session=True)

    def end(*_) -> None:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass  # all gone already

    def watch() -> None:
        while os.read(0, 1024):
            pass
        end()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    threading.Thread(target=watch, daemon=True).start()
    status = child.wait()
    end()
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    # Not sys.exit: the watching thread may still be reading.
    os._exit(main())
