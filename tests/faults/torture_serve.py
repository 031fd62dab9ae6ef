"""hsmctl serve under failing calls: what it answered 200 is kept, once, and a restart ends as one undisturbed."""

import hashlib
import hmac
import http.client
import json
import os
import re
import select
import signal
import sqlite3
import subprocess
import time

from torture_base import Failure, check_end, describe_failure, read_counts, read_tree, restore_tree
from torture_worlds import BODY, World, live

SECRET = "planted-secret-hook"
PATIENCE = 2.0   # seconds: for a server that cannot get ready
STOPPING = 60.0  # and for one that ends


class Serve(World):
    """What the events say is what the organisation says already: whichever comes first, the end is the same."""

    program = "hsmctl"
    mirror = False
    live = [live("order_v1", BODY % "one"), live("order_v1", "Su pedido uno llega hoy.", "es", status="PAUSED"),
            live("plain_v1", "Your order comes.", status="DISABLED")]
    events = [("order_v1", "en_US", "PAUSED"), ("plain_v1", "en_US", "DISABLED"), ("order_v1", "es", "PAUSED"),
              ("order_v1", "en_US", "APPROVED")]

    def fill(self):
        self.template("order", en_US=BODY % "one", es="Su pedido uno llega hoy.")
        self.template("plain", en_US="Your order comes.")
        self.commit("First")
        text = f"listen: 127.0.0.1:0\nregistry: \"sqlite:{self.folder}/state/registry.db\"\nenvironment: dev\n" \
               "webhook: {secret: HOOK_SECRET}\npush: {secret: HOOK_SECRET}\n"
        if self.mirror:
            text += f"repository: {{url: \"file://{self.folder}\", mirror: \"{self.folder}/state/mirror/messages.git\"}}\n"
        self.write("serve.yaml", text)
        os.mkdir(os.path.join(self.folder, "state"))


class ServeMirror(Serve):
    mirror = True


class ServeGit(ServeMirror):
    """The git program's calls fail, not those of hsmctl."""

    program = "git"


SERVES = {"serve": Serve, "serve-mirror": ServeMirror, "serve-git": ServeGit}


class Server:
    """A run of it, from its start to its end."""

    def __init__(self, victim, more):
        self.errors = []
        environment = dict(victim.worker.environment, **more)
        self.process = subprocess.Popen([victim.worker.program, "serve", "serve.yaml"], cwd=victim.folder, env=environment,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.port = None
        self.text = b""
        end = time.monotonic() + 20
        while time.monotonic() < end and not self.port:
            if not select.select([self.process.stderr], [], [], 0.2)[0]:
                continue
            data = os.read(self.process.stderr.fileno(), 65536)
            if not data:
                break
            self.text += data
            match = re.search(rb"listening on http://127\.0\.0\.1:(\d+)", self.text)
            self.port = int(match.group(1)) if match else None

    def ask(self, method, path, body=None, headers=None):
        """Status and body; 0 where no answer came."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def is_ready(self, patience):
        end = time.monotonic() + patience
        while time.monotonic() < end and self.process.poll() is None:
            if self.ask("GET", "/readyz")[0] == 200:
                return True
            time.sleep(0.02)
        return False

    def deliver(self, number, event):
        name, language, status = event
        body = json.dumps({"id": f"event-{number}", "event": "whatsapp_status_update", "providerId": "p",
                           "timestamp": f"2026-11-20T10:00:{number:02}.000Z",
                           "template": {"id": "t", "name": name, "language": language, "status": status}}).encode()
        return self.post("/webhooks/whatsapp", body)

    def post(self, path, body):
        signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        return self.ask("POST", path, body, {"X-Hub-Signature-256": signature})[0]

    def answers(self):
        status, body = self.ask("GET", "/v1/templates")
        if status != 200:
            return None
        return sorted((t["template"], t["language"], t["use"], t.get("name")) for t in json.loads(body)["templates"])

    def stop(self):
        """Its exit code; None where it had to be killed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.text += self.process.communicate(timeout=STOPPING)[1]
            return self.process.returncode
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.text += self.process.communicate()[1]
            return None


def read_events(folder):
    """The events of the registry; None where there is none yet."""
    path = os.path.join(folder, "state", "registry.db")
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            return sorted(row[0] for row in database.execute("SELECT id FROM event"))
    except sqlite3.OperationalError:
        return None


def list_names(folder):
    """Of the state: an object of git's is as good as another."""
    names = set()
    for path, _, files in os.walk(os.path.join(folder, "state")):
        for name in files:
            names.add(re.sub(r"[0-9a-f]{2}/[0-9a-f]{38}$|pack-[0-9a-f]{40}", "*", os.path.relpath(os.path.join(path, name), os.path.join(folder, "state"))))
    return names


class ServeVictim:
    """The controller, its world, and what becomes of them undisturbed."""

    most = 40  # failures of a kind: each takes about a second

    def __init__(self, worker, name):
        self.worker, self.name = worker, name
        self.folder = os.path.join(worker.folder, name)
        self.counts = os.path.join(worker.folder, "counts")
        self.world = SERVES[name](self.folder, worker.emulator.url)
        self.before = read_tree(self.folder)
        self.everything = list(range(len(self.world.events)))
        self.begin()
        server, code, taken, self.answers = self.serve({}, self.everything, 20)
        if (code, taken) != (0, self.everything) or not self.answers:
            raise Failure(f"{name}, undisturbed: exit code {code}: {server.text.decode()}")
        self.begin()
        more = {"FAIL_COUNTS": self.counts, "FAIL_PROGRAM": self.world.program}
        self.serve(dict(more, LD_PRELOAD=worker.library), self.everything, 20)
        self.calls = read_counts(self.counts)[0]

    def begin(self):
        restore_tree(self.folder, self.before)
        if os.path.exists(self.counts):
            os.unlink(self.counts)
        self.worker.emulator.begin(self.world)

    def serve(self, more, events, patience, wanted=None):
        """Starts it, delivers, ends it: server, exit code, the numbers that were answered 200, and what flows
        are told, soon where it is wanted."""
        server = Server(self, more)
        taken, answers = [], None
        if server.port:
            server.is_ready(patience)
            taken = [number for number in events if server.deliver(number, self.world.events[number]) == 200]
            # Of an event that came before its version was known a later listing knows more.
            if wanted and server.answers() != wanted:
                server.post("/webhooks/push", b"{}")
            end = time.monotonic() + 10
            while (answers := server.answers()) != wanted and wanted and time.monotonic() < end:
                time.sleep(0.05)
        return server, server.stop(), taken, answers

    def check_disturbed(self, server, code, taken):
        text = server.text.decode("utf-8", "replace")
        if code is None:
            raise Failure("it does not end")
        check_end(code, text)
        if server.port is None and code == 0:
            raise Failure("exit code 0, and it never listened")
        kept = read_events(self.folder)
        if kept is None and taken:
            raise Failure("the registry is gone")
        for number in taken:
            if (kept or []).count(f"event-{number}") != 1:
                raise Failure(f"event {number} was answered 200, and is there {(kept or []).count(f'event-{number}')} times")

    def check_again(self, taken):
        """The provider sends again what it got no answer to."""
        server, code, again, answers = self.serve({}, [n for n in self.everything if n not in taken], 20, self.answers)
        text = server.text.decode("utf-8", "replace")
        if code != 0 or sorted(taken + again) != self.everything:
            raise Failure(f"the second run: exit code {code}, took {again}: {text}")
        if answers != self.answers:
            raise Failure(f"the second run: answers {answers}, not {self.answers}")
        if read_events(self.folder) != [f"event-{number}" for number in self.everything]:
            raise Failure(f"the second run: the registry has {read_events(self.folder)}")
        stray = [path for path in list_names(self.folder) if not re.match(r"registry\.db(-wal|-shm|\.lock)?$|mirror/messages\.git/", path)]
        if stray:
            raise Failure(f"left behind: {stray}")

    def disturb(self, kind, at, how, on):
        """What is wrong then, or None; what was said; and whether a call failed at all."""
        self.begin()
        more = describe_failure(self.counts, self.world.program, kind, at, how, on)
        server, code, taken, _ = self.serve(dict(more, LD_PRELOAD=self.worker.library), self.everything, PATIENCE)
        failed = read_counts(self.counts)[1]
        try:
            self.check_disturbed(server, code, taken)
            self.check_again(taken)
        except Failure as failure:
            return f"{failure}; exit code {code}", server.text.decode("utf-8", "replace"), failed
        return None, "", failed
