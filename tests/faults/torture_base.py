"""What the torture of a command and that of the controller share."""

import errno
import http.client
import json
import os
import re
import struct
import subprocess
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
TIMEOUT = 120
DOCUMENTED = {0, 1, 2, 3, 4, 5, 6, 64, 65, 66, 69, 75, 77, 78}
HALF = "HALF"

# In the order of fail_calls.c, with what each may fail with.
KINDS = {
    "open": ["EACCES", "EMFILE", "EIO"],
    "create": ["ENOSPC", "EACCES", "EROFS", "EMFILE"],
    "read": ["EIO", HALF],
    "write": ["ENOSPC", "EIO", "EROFS", HALF],
    "sync": ["EIO", "ENOSPC"],
    "rename": ["EIO", "ENOSPC", "EACCES", "EROFS"],
    "mkdir": ["ENOSPC", "EACCES", "EROFS"],
    "truncate": ["EIO", "ENOSPC"],
    "close": ["EIO", "ENOSPC"],
    "stream": ["ENOSPC", "EIO"],
    "map": ["ENOMEM"],
    "random": ["ENOSYS"],
    "thread": ["EAGAIN"],
    "socket": ["EMFILE", "ECONNREFUSED"],
    "send": ["EPIPE", HALF],
    "receive": ["ECONNRESET", HALF],
    "remove": ["EACCES", "EROFS"],
    "status": ["EACCES", "EIO"],
    "listing": ["EIO", "EMFILE"],
    "lock": ["EAGAIN", "EIO"],
    "pipe": ["EMFILE"],
    "spawn": ["EAGAIN"],
    "memory": ["ENOMEM"],
}


class Failure(Exception):
    pass


class Emulator:
    """One of a worker's own."""

    def __init__(self, program):
        self.process = subprocess.Popen([program, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.url = re.search(r"listening on (http://\S+)", self.process.stdout.readline()).group(1)
        self.connection = http.client.HTTPConnection(self.url.split("//")[1])
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def admin(self, method, path, body=None):
        self.connection.request(method, "/_emulator/" + path, json.dumps(body) if body is not None else None,
                                {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise Failure(f"the emulator: {method} {path}: {answer.status} {text}")
        return json.loads(text) if text else None

    def begin(self, world):
        self.admin("POST", "reset")
        if world.live:
            self.admin("POST", "templates", world.live)

    def state(self):
        """What a command may change of it, without what no two runs have alike."""
        state = self.admin("GET", "state")
        templates = [(t["name"], t["language"], t["category"], t["status"], json.dumps(t["components"])) for t in state["templates"]]
        webhooks = [(w["name"], w["url"], json.dumps(w["events"]), w["enabled"]) for w in state["webhooks"]]
        return sorted(templates), sorted(webhooks)


def read_tree(folder):
    """Every file and folder by its path; of files what is in them."""
    tree = {}
    for path, folders, files in os.walk(folder):
        for name in folders + files:
            whole = os.path.join(path, name)
            if os.path.islink(whole):
                data = os.readlink(whole).encode()
            elif os.path.isdir(whole):
                data = None
            else:
                with open(whole, "rb") as file:
                    # Times are of each run's own.
                    data = re.sub(rb'"(taken|created|created_at)": ?"[^"]*"', b"", file.read())
            tree[os.path.relpath(whole, folder)] = data
    return tree


def restore_tree(folder, tree):
    """Makes a folder what read_tree once read of it."""
    now = read_tree(folder)
    for path in sorted(now, reverse=True):
        if path not in tree:
            whole = os.path.join(folder, path)
            (os.rmdir if now[path] is None else os.unlink)(whole)
    for path, data in sorted(tree.items()):
        whole = os.path.join(folder, path)
        if path not in now and data is None:
            os.mkdir(whole)
        elif now.get(path) != data:
            with open(whole, "wb") as file:
                file.write(data)


def read_counts(path):
    """Calls of each kind, and how many failed."""
    with open(path, "rb") as file:
        numbers = struct.unpack(f"{len(KINDS) + 1}Q", file.read())
    return dict(zip(KINDS, numbers)), numbers[-1]


def describe_failure(counts, program, kind, at, how, on):
    """The environment that makes fail_calls.c let it fail."""
    more = {"FAIL_COUNTS": counts, "FAIL_PROGRAM": program, "FAIL_KIND": kind, "FAIL_AT": str(at),
            "FAIL_ERRNO": str(0 if how == HALF else getattr(errno, how))}
    return dict(more, FAIL_ON="1") if on else more


def check_end(code, err):
    """That a program ended as it should, whatever failed."""
    if "Sanitizer" in err or "runtime error" in err:
        raise Failure("a sanitizer's report")
    if code not in DOCUMENTED:
        raise Failure(f"exit code {code} is not documented")
    if code != 0 and not re.search(r"hsmctl: error: .+$", err, re.M):
        raise Failure(f"exit code {code} without an error")
    if any(ord(c) < 32 and c != "\n" for c in err):
        raise Failure("control characters in the error")
    if "planted-secret" in err:
        raise Failure("a secret in the error")


class Worker:
    def __init__(self, build, number, root):
        self.program = os.path.join(build, "hsmctl")
        self.library = os.path.join(build, "fail_calls.so")
        self.folder = os.path.join(root, str(number))
        os.makedirs(self.folder)
        self.emulator = Emulator(os.path.join(build, "genesys-emulator"))
        self.victims = {}  # by name
        self.environment = dict(os.environ, HOME=root, LC_ALL="C.UTF-8", TZ="UTC", GENESYSCLOUD_OAUTHCLIENT_ID="id",
                                GENESYSCLOUD_OAUTHCLIENT_SECRET="planted-secret-client", HOOK_SECRET="planted-secret-hook",
                                # Slow, but it sees through libraries to what called them.
                                ASAN_OPTIONS="verify_asan_link_order=0:detect_leaks=1:fast_unwind_on_malloc=0",
                                LSAN_OPTIONS=f"print_suppressions=0:suppressions={os.path.join(HERE, 'lsan.suppressions')}",
                                UBSAN_OPTIONS="print_stacktrace=1")

    def end(self):
        self.emulator.process.terminate()
        self.emulator.process.wait()
