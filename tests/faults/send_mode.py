"""hsmctl send to many in a bad world: killed and faulted, until it says done; then
everybody has exactly one message, and the right one.
"""
import collections
import csv
import datetime
import json
import os
import random
import re
import types

from law import History
from programs import SECRET, Hsmctl, check
from simulation import Simulation, choose, make_fault
from texts import Parameter, Template
from world import PLAIN, Commit, World

PLACES = [("POST:/oauth/token", 1), ("GET:*/providers", 1), ("GET:*/templates*", 1), ("POST:*/conversations", 8),
          ("GET:*/conversations*", 3), ("*:*", 2)]
SELECTORS = ["at=1", "at=2", "at=5", "times=2", "times=2", "times=6"]
NAMES = ["Ana", "Zoë", "O'Neil, J.", "José \"Pepe\"", "李雷", "{{order_id}} {{1}}"]
STATUSES = ["PAUSED", "REJECTED", "DISABLED", "APPROVED", "IN_APPEAL"]
SENDS = 3  # of one message: hsmctl gives it up after as many that were lost, and says so
RUNS_MAXIMUM = 12


class SendWorld(World):
    """A template with parameters, and perhaps one to fall back to; both are approved."""

    def __init__(self, seed):
        rng = random.Random("send world %s" % seed)
        order, plain = Template("order"), Template(PLAIN)
        for template, body in ((order, ["customer", "order_id"]), (plain, ["order_id", "customer"])):
            template.body = body
            template.parameters = {name: Parameter("TEXT", "Value") for name in body}
        order.header, order.header_parameter = rng.choice([(None, None), ("text", None), ("text", "order_id")])
        order.texts, plain.texts = {"en_US": 1}, {"en_US": 2, "es": 3}
        if rng.random() < 0.4:
            order.texts["es"] = 4
        templates = {"order": order}
        if rng.random() < 0.5:
            templates[PLAIN] = plain
            order.fallback = [{"template": PLAIN}]
        self.repository = types.SimpleNamespace(side=[], pinning="never")
        self.commits = [Commit(templates, {"brand": "Acme"}, [], 1_700_000_000)]
        self.signatures, self.live, self.live_webhooks, self.clean = {}, [], [], True
        compiled = [self.commits[0].compile(self.signatures)]
        self.desired, self.history = compiled[0], History(compiled)
        self.clock = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        self.contents = {}
        for base, template in self.desired.items():
            for language, wanted in template.wanted.items():
                self.contents[wanted.content] = template.components[language]
                self.add(base + "_v1", language, wanted.content)


class Setting:
    def __init__(self, seed, world):
        self.rng = rng = random.Random("send %s" % seed)
        self.review, self.prune, self.options = "approve", False, ["--delivery-delay", "0"]
        self.parallelism = rng.choice([1, 2, 8])
        self.rows = [{"recipient": "+3460%07d" % (i + 1), "order_id": "A-%d" % (i + 1),
                      "customer": rng.choice(NAMES), "language": rng.choice(sorted(world.desired["order"].wanted))}
                     for i in range(choose(rng, [(1, 1), (4, 4), (12, 4), (30, 1)]))]
        self.troubles = self.make_troubles()

    def describe(self):
        return "send to %d, parallelism %d" % (len(self.rows), self.parallelism)

    def make_troubles(self):
        rng, runs = self.rng, self.rng.randint(1, 3)
        requests, troubles = 4 + len(self.rows), []
        for _ in range(rng.randint(1, 5)):
            kind = choose(rng, [("fault", 5), ("kill", 5), ("clock", 1), ("edit", 2)])
            trouble = {"run": rng.randrange(runs), "kind": kind}
            if kind == "fault":
                trouble["spec"] = make_fault(rng, PLACES, SELECTORS)
            elif kind == "kill":
                trouble["at"] = rng.randint(1, 6 * requests)
            elif kind == "clock":
                trouble["seconds"] = rng.choice([-10 ** 6, -30, 30, 10 ** 6])
            else:
                trouble["hold"] = rng.randint(1, requests) if rng.random() < 0.7 else 0
                trouble["status"] = rng.choice(STATUSES)
            troubles.append(trouble)
        return troubles


class Send(Simulation):
    make_world, make_setting = SendWorld, Setting
    hidden = re.compile(SECRET.pattern + rb"|3460\d{7}")

    def play(self):
        self.rows, self.status = self.setting.rows, "APPROVED"
        self.lost = collections.Counter()  # of each recipient's sends, those that met a fault or a kill
        self.file = self.folder + "/rows.csv"
        self.given = (self.file,)
        with open(self.file, "w", newline="") as file:
            writer = csv.DictWriter(file, list(self.rows[0]))
            writer.writeheader()
            writer.writerows(self.rows)
        for run in range(1 + max((trouble["run"] for trouble in self.troubles), default=-1)):
            self.attempt([trouble for trouble in self.troubles if trouble["run"] == run])
        self.finish()
        self.check_messages()

    # -- one run ----------------------------------------------------------

    def attempt(self, troubles=()):
        attempt = self.perform(["send", "order", "--from", self.file, "--yes"], troubles, skip_sleep=True)
        result = attempt.result
        check(not self.hidden.search((result.out + result.err).encode()), "it tells whom it writes to: %s", result.err)
        self.note_lost(attempt)
        good = {0, 3, 6, 69, 75, 77} if troubles else {3} if "unknown" in self.states() else {0}
        if self.status != "APPROVED":
            good |= {3, 6, 75}
        check(result.killed or result.code in good, "hsmctl send: exit code %d is not one of %s: %s", result.code,
              sorted(good), result.err[-1500:])
        for phone, messages in self.messages().items():
            check(len(messages) == 1, "%s got %d messages", phone, len(messages))
        return result

    def interfere(self, trouble):
        """The template is not what it was, or is again."""
        self.status = trouble["status"]
        self.log("  review: order is %s", self.status)
        self.emulator.admin("POST", "review", {"name": "order_*", "status": self.status})

    def note_lost(self, attempt):
        for request in attempt.requests:
            if request["method"] == "POST" and request["path"].endswith("/conversations"):
                phone = json.loads(request["body"])["participant"]["address"]["phoneNumber"]
                self.lost[phone] += bool(request.get("fault") or attempt.result.killed)

    def messages(self):
        """{recipient: what it got}"""
        got = {}
        for conversation in self.emulator.admin("GET", "conversations"):
            phone = conversation["participant"]["address"]["phoneNumber"]
            got.setdefault(phone, []).extend(conversation["messages"])
        return got

    def states(self):
        """Of each row; none before there are results."""
        if not os.path.exists(self.file + ".results.ndjson"):
            return []
        with open(self.file + ".results.ndjson") as file:
            return [json.loads(line)["state"] for line in file]

    # -- what must hold ---------------------------------------------------

    def finish(self):
        self.interfere({"status": "APPROVED"})
        for _ in range(RUNS_MAXIMUM):
            if self.attempt().code == 0 or "unknown" in self.states():
                return
        check(False, "it does not come to its end in %d runs", RUNS_MAXIMUM)

    def check_messages(self):
        got = self.messages()
        for row, state in zip(self.rows, self.states()):
            phone = row["recipient"]
            messages, lost = got.pop(phone, []), self.lost[phone]
            if state == "unknown":
                self.counts["given up"] += 1
                check(lost >= SENDS, "%s is unknown, and was lost %d times", phone, lost)
                continue
            check(state == "sent", "%s is %s", phone, state)
            check(len(messages) == 1, "%s is sent, and got %d messages", phone, len(messages))
            check(self.is_right(row, messages[0]), "%s got another message than its own: %s", phone, messages[0])
        self.counts["messages"] += len(self.rows)
        check(not got, "somebody got a message who is in no row")
        before = len(self.messages())
        again = Hsmctl(self.repository, "send", "order", "--from", self.file, "--yes").wait()
        check(again.code in (0, 3) and len(self.messages()) == before, "run again, it sends again: %d", again.code)

    def is_right(self, row, message):
        """Each version's array in its own order."""
        template = self.world.commits[0].templates.get(message["templateName"].split("_v")[0])
        values = [row[name] for component in template.names() for name in component] if template else None
        return values == message["parameters"] and message["language"] == row["language"]
