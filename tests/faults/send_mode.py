"""hsmctl send to many in a bad world: killed and faulted, until it says done; then
everybody has exactly one message, and the right one.
"""
import csv
import datetime
import io
import json
import os
import random
import types

from apply_mode import HOLD, KINDS
from law import History
from programs import Hsmctl, check
from simulation import Simulation, choose
from texts import Parameter, Template
from world import PLAIN, Commit, World

PLACES = [("POST:/oauth/token", 1), ("GET:*/providers", 1), ("GET:*/templates*", 1), ("POST:*/conversations", 8),
          ("GET:*/conversations*", 3), ("*:*", 2)]
NAMES = ["Ana", "Zoë", "O'Neil, J.", "José \"Pepe\"", "李雷", "{{order_id}} {{1}}"]
STATUSES = ["PAUSED", "REJECTED", "DISABLED", "APPROVED", "IN_APPEAL"]
SENDS = 3        # of one message, as sender.c has it
RUNS_MAXIMUM = 12


class SendWorld(World):
    """A template with parameters, and perhaps one to fall back to."""

    def __init__(self, seed):
        self.rng = rng = random.Random("send world %s" % seed)
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
        self.signatures, self.side, self.clean, self.odd, self.live, self.live_webhooks = {}, [], True, set(), [], []
        self.compiled = [self.commits[0].compile(self.signatures)]
        self.desired, self.webhooks = self.compiled[0], []
        self.history = History(self.compiled)
        self.contents = {wanted.content: template.components[language] for template in self.desired.values()
                         for language, wanted in template.wanted.items()}
        self.clock = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        for base, template in self.desired.items():
            for language, wanted in template.wanted.items():
                self.add(base + "_v1", language, wanted.content)


class Rows:
    """What the file of recipients says."""

    def __init__(self, rng, languages):
        self.rows = []
        for i in range(rng.choices([1, 4, 12, 30], [1, 4, 4, 1])[0]):
            self.rows.append({"recipient": "+3460%07d" % (i + 1), "order_id": "A-%d" % (i + 1), "customer": rng.choice(NAMES),
                              "language": rng.choice(sorted(languages))})

    def as_csv(self):
        text = io.StringIO()
        writer = csv.DictWriter(text, ["recipient", "order_id", "customer", "language"])
        writer.writeheader()
        writer.writerows(self.rows)
        return text.getvalue()


class Setting:
    def __init__(self, seed, world):
        self.rng = rng = random.Random("send %s" % seed)
        self.review, self.rules, self.prune = "approve", [], False
        self.options = ["--delivery-delay", "0"]
        self.rows = Rows(rng, world.desired["order"].wanted)
        self.parallelism = rng.choice([1, 2, 8])
        self.troubles = self.make_troubles()

    def make_troubles(self):
        rng, runs = self.rng, self.rng.randint(1, 3)
        requests = 4 + len(self.rows.rows)
        troubles = []
        for _ in range(rng.randint(1, 5)):
            trouble = {"run": rng.randrange(runs), "kind": choose(rng, [("fault", 5), ("kill", 5), ("clock", 1), ("review", 2)])}
            if trouble["kind"] == "fault":
                place, kind = choose(rng, PLACES), choose(rng, KINDS)
                if kind == "expire-token" and place in ("*:*", "POST:/oauth/token"):
                    place = "*:/api/*"
                trouble["spec"] = "%s:%s:%s" % (place, kind, rng.choice(["at=1", "at=2", "at=5", "times=2", "times=2", "times=6"]))
            elif trouble["kind"] == "kill":
                trouble["at"] = rng.randint(1, 6 * requests)
            elif trouble["kind"] == "clock":
                trouble["seconds"] = rng.choice([-10 ** 6, -30, 30, 10 ** 6])
            else:
                trouble["hold"] = rng.randint(1, requests) if rng.random() < 0.7 else 0
                trouble["status"] = rng.choice(STATUSES)
            troubles.append(trouble)
        return troubles

    def describe(self):
        return "send to %d, parallelism %d" % (len(self.rows.rows), self.parallelism)


class Send(Simulation):
    make_setting, make_world = Setting, SendWorld

    def play(self):
        self.rows = self.setting.rows.rows
        self.file = self.folder + "/rows.csv"
        with open(self.file, "w", newline="") as file:
            file.write(self.setting.rows.as_csv())
        self.lost = {}  # {recipient: how many of its sends met a fault or a kill}
        for run in range(1 + max((trouble["run"] for trouble in self.troubles), default=-1)):
            self.attempt([trouble for trouble in self.troubles if trouble["run"] == run])
        self.finish()
        self.check_messages()

    # -- one run ----------------------------------------------------------

    def attempt(self, troubles=()):
        by_kind = {kind: [trouble for trouble in troubles if trouble["kind"] == kind] for kind in ("fault", "kill", "clock", "review")}
        holds = sorted((trouble for trouble in by_kind["review"] if trouble["hold"]), key=lambda trouble: trouble["hold"])
        for trouble in by_kind["review"]:
            if not trouble["hold"]:
                self.review_order(trouble["status"])
        specs = ["*:*:delay=%d:at=%d" % (HOLD, trouble["hold"]) for trouble in holds] + [trouble["spec"] for trouble in by_kind["fault"]]
        self.emulator.admin("DELETE", "requests")
        self.emulator.arm(specs)
        process = Hsmctl(self.repository, "send", "order", "--from", self.file, "--yes", "--parallelism",
                         str(1 if holds else self.setting.parallelism), skip_sleep=True,
                         kill_at=min((trouble["at"] for trouble in by_kind["kill"]), default=0),
                         clock=sum(trouble["seconds"] for trouble in by_kind["clock"]))
        for trouble, spec in zip(holds, specs):
            if not self.wait_for_hold(process, spec):
                break
            self.review_order(trouble["status"])
            self.emulator.advance(HOLD // 1000)
        result = process.wait()
        armed = self.emulator.admin("GET", "faults")
        self.emulator.arm([])
        self.counts["runs"] += 1
        self.counts["kills"] += result.killed
        self.counts["faults"] += sum(fault["hits"] for fault in armed)
        self.log("%s: exit %d%s; %s", result.arguments, result.code, " (killed)" if result.killed else "", specs)
        self.note_lost(result.killed)
        for line in (result.err + result.out).splitlines():
            self.log("    %s", line)
        if result.killed:
            check(by_kind["kill"], "hsmctl was killed by nobody")
        else:
            good = {0, 3, 6, 69, 75, 77} if troubles else {3} if "unknown" in self.states() else {0}
            check(result.code in good, "hsmctl send: exit code %d is not one of %s: %s", result.code, sorted(good), result.err[-1500:])
        self.check_at_most_one()
        return result

    def review_order(self, status):
        self.log("  review: order is %s", status)
        self.emulator.admin("POST", "review", {"name": "order_*", "status": status})

    def note_lost(self, killed):
        posts = [request for request in self.emulator.requests() if request["method"] == "POST" and request["path"].endswith("/conversations")]
        for request in posts:
            phone = json.loads(request["body"])["participant"]["address"]["phoneNumber"]
            self.log("    POST %s %s %s", phone, request["status"], request.get("fault", ""))
            if request.get("fault") or killed:
                self.lost[phone] = self.lost.get(phone, 0) + 1

    # -- what must hold ---------------------------------------------------

    def messages(self):
        """{recipient: what it got}"""
        got = {}
        for conversation in self.emulator.admin("GET", "conversations"):
            phone = conversation["participant"]["address"]["phoneNumber"]
            got.setdefault(phone, []).extend(conversation["messages"])
        return got

    def check_at_most_one(self):
        for phone, messages in self.messages().items():
            check(len(messages) == 1, "%s got %d messages", phone, len(messages))

    def finish(self):
        self.review_order("APPROVED")
        for _ in range(RUNS_MAXIMUM):
            result = self.attempt()
            if result.code == 0 or self.states().count("unknown"):
                return
        check(False, "it does not come to its end in %d runs: %s", RUNS_MAXIMUM, result.err)

    def states(self):
        """Of each row; none before there are results."""
        if not os.path.exists(self.file + ".results.ndjson"):
            return []
        with open(self.file + ".results.ndjson") as file:
            return [json.loads(line)["state"] for line in file]

    def check_messages(self):
        got, states = self.messages(), self.states()
        for row, state in zip(self.rows, states):
            messages = got.get(row["recipient"], [])
            if state == "unknown":
                # Sent so often that its sender gave up: nobody can say, and it says so.
                check(self.lost.get(row["recipient"], 0) >= SENDS, "%s is unknown, and was lost %d times", row["recipient"],
                      self.lost.get(row["recipient"], 0))
                continue
            check(state == "sent", "%s is %s", row["recipient"], state)
            check(len(messages) == 1, "%s is sent, and got %d messages", row["recipient"], len(messages))
            check(self.is_right(row, messages[0]), "%s got another message than its own: %s", row["recipient"], messages[0])
        check(set(got) <= {row["recipient"] for row in self.rows}, "somebody got a message who is in no row")
        before = len(got)
        again = Hsmctl(self.repository, "send", "order", "--from", self.file, "--yes").wait()
        check(again.code in (0, 3) and len(self.messages()) == before, "run again, it sends again: %d", again.code)

    def is_right(self, row, message):
        base = message["templateName"].split("_v")[0]
        template = self.world.commits[0].templates.get(base)
        if not template or message["language"] not in template.texts:
            return False
        return message["parameters"] == [row[name] for component in template.names() for name in component]

