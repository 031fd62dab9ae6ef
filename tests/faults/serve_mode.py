"""hsmctl serve in a bad world: what webhooks tell is lost, doubled, reordered and
forged, the controller is killed and its clock jumps; at the end the registry says
what the organisation says, and each event that was answered 200 is kept once.
"""
import datetime
import json
import os
import random
import signal
import sqlite3

from apply_mode import KINDS
from law import Planner, find_versions, split
from programs import Failed, Server, check, wait_for
from simulation import Simulation, choose

HOOK_SECRET, PUSH_SECRET = "planted-secret-hook", "planted-secret-push"
STATUSES = ["APPROVED"] * 5 + ["PAUSED", "DISABLED", "REJECTED", "PENDING", "IN_APPEAL", "FROZEN", "PENDING_DELETION"]
PLACES = [("POST:/oauth/token", 1), ("GET:*/providers", 1), ("GET:*/templates*", 4), ("POST:*/templates", 2), ("*:*", 2)]
FATES = [("once", 6), ("lost", 2), ("doubled", 2), ("late", 2), ("forged", 0.5), ("cut", 0.5)]
SOON = 20  # seconds in which the registry is right again


class Setting:
    def __init__(self, seed, world):
        self.rng = rng = random.Random("serve %s" % seed)
        self.review, self.rules, self.options, self.prune = "manual", [], [], False
        self.mode = choose(rng, [("report", 7), ("apply", 3)])
        self.sender = rng.choice(["genesys", "meta"])
        self.head = len(world.commits) - 1 if rng.random() < 0.5 else rng.randrange(len(world.commits))
        self.troubles = [self.make_trouble() for _ in range(rng.randint(4, 14))]

    def make_trouble(self):
        rng = self.rng
        kind = choose(rng, [("happen", 10), ("deliver", 6), ("kill", 2), ("restart", 0.5), ("clock", 0.5), ("fault", 2),
                            ("push", 1), ("commit", 1.5), ("edit", 1)])
        trouble = {"kind": kind, "seed": rng.randrange(10 ** 9)}
        if kind == "happen":
            trouble["fate"] = choose(rng, FATES)
        elif kind == "kill":
            trouble["at"] = rng.randint(1, 150)
        elif kind == "clock":
            trouble["seconds"] = rng.choice([-86400, -600, 60, 600, 86400])
        elif kind == "fault":
            kinds = [row for row in KINDS if not row[0].startswith(("expire", "huge", "429=1"))]
            trouble["spec"] = "%s:%s:times=%d" % (choose(rng, PLACES), choose(rng, kinds), rng.choice([1, 2, 5]))
        return trouble

    def describe(self):
        return "serve, mode %s, told by %s, at commit %d" % (self.mode, self.sender, self.head)


class Event:
    def __init__(self, marker, template, body, fate):
        self.marker, self.body, self.fate = marker, body, fate
        self.name, self.language, self.status = template["name"], template["language"], template["status"]
        self.tells_status = '"new_category"' not in body
        self.acknowledged = 0


class Serve(Simulation):
    make_setting = Setting

    def play(self):
        self.server, self.events, self.queue = None, [], []
        self.told_straight = True  # no clock was ever wrong
        self.database = self.folder + "/registry.db"
        self.go_to(self.setting.head)
        self.file = self.folder + "/serve.yaml"
        with open(self.file, "w") as file:
            file.write("listen: 127.0.0.1:0\nregistry: sqlite:%s\nmode: %s\ntokens: [FLOW_TOKEN]\n"
                       "webhook: {secret: HOOK_SECRET}\npush: {secret: PUSH_SECRET}\n" % (self.database, self.setting.mode))
        self.begin()
        for trouble in self.troubles:
            self.log("%s", trouble)
            getattr(self, "do_" + trouble["kind"])(trouble, random.Random(trouble["seed"]))
        self.come_to_rest()
        self.check_registry()
        self.check_answers()
        check(self.server.end(signal.SIGTERM) == 0, "SIGTERM does not end it with 0")
        self.check_events()

    def stop(self):
        if getattr(self, "server", None) and self.server.is_running():
            self.server.process.kill()
            self.server.process.wait()
        super().stop()

    # -- the controller ---------------------------------------------------

    def begin(self, **how):
        self.server = Server(self.repository, self.file, **how)
        self.counts["starts"] += 1

    def alive(self):
        """A controller that answers: the next one where this one was killed."""
        while not self.server.is_running():
            self.counts["kills"] += 1
            self.log("  it was killed")
            self.server.end(signal.SIGKILL)
            self.begin()
        return self.server

    def do_kill(self, trouble, rng):
        self.server.end(signal.SIGKILL)
        self.counts["kills"] += 1
        self.begin(kill_at=trouble["at"])

    def do_restart(self, trouble, rng):
        check(self.alive().end(signal.SIGTERM) in (0, -signal.SIGKILL), "it does not end")
        self.begin()

    def do_clock(self, trouble, rng):
        self.told_straight = False
        self.server.end(signal.SIGKILL)
        self.begin(clock=trouble["seconds"])

    def do_fault(self, trouble, rng):
        self.emulator.admin("POST", "faults", [trouble["spec"]])

    def do_push(self, trouble, rng):
        self.alive().post("/webhooks/push", "{}", PUSH_SECRET)

    def do_commit(self, trouble, rng):
        """Git moves on; that it did is told, or found later."""
        if self.head + 1 < len(self.world.commits):
            self.go_to(self.head + 1)
            if rng.random() < 0.7:
                self.do_push(trouble, rng)

    def go_to(self, number):
        self.head = number
        self.world.go_to(number)
        with open(self.repository + "/.git/refs/heads/main", "w") as file:
            file.write(self.commit_ids[number] + "\n")
        side = self.repository + "/.git/refs/heads/side"
        if os.path.exists(side):
            os.unlink(side)

    # -- what happens, and what is told of it -----------------------------

    def do_happen(self, trouble, rng):
        ours = self.ours(self.look())
        if not ours:
            return
        template = rng.choice(ours)
        category = rng.choice(["UTILITY", "MARKETING"]) if rng.random() < 0.2 else None
        decision = {"category": category} if category else {"status": rng.choice(STATUSES)}
        self.decide(template, decision)
        after = self.look().ids[template["id"]]
        state = next(row for row in self.emulator.state()["templates"] if row["id"] == template["id"])
        if (after["status"], after["category"]) == (template["status"], template["category"]):
            return
        event = self.make_event(after, state["dateModified"], category is not None, trouble["fate"])
        if not event or event.fate == "lost":
            return
        self.events.append(event)
        self.queue += [event] * (2 if event.fate == "doubled" else 1)
        if event.fate == "once" and rng.random() < 0.5:
            self.deliver(event)

    def make_event(self, template, time, is_category, fate):
        marker = "event-%d" % (len(self.events) + 1)
        if self.setting.sender == "genesys":
            if is_category:
                return None  # it does not tell of categories
            body = {"id": marker, "event": "whatsapp_status_update", "timestamp": time, "providerId": "p",
                    "template": {key: template[key] for key in ("id", "name", "language", "status")}}
            return Event(marker, template, json.dumps(body), fate)
        value = {"message_template_id": 1, "message_template_name": template["name"],
                 "message_template_language": template["language"], "marker": marker}
        value.update({"previous_category": "UTILITY", "new_category": template["category"]} if is_category else
                     {"event": template["status"], "reason": "NONE"})
        field = "template_category_update" if is_category else "message_template_status_update"
        seconds = int(datetime.datetime.strptime(time, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc).timestamp())
        return Event(marker, template, json.dumps({"object": "whatsapp_business_account", "entry": [
            {"id": "1", "time": seconds, "changes": [{"field": field, "value": value}]}]}), fate)

    def do_deliver(self, trouble, rng):
        """Some of what waits, in any order."""
        ready = [event for event in self.queue if event.fate != "late"]
        rng.shuffle(ready)
        for event in ready[:rng.randint(1, 5)]:
            self.deliver(event)

    def deliver(self, event):
        server = self.alive()
        if event.fate == "forged":
            code = server.post("/webhooks/whatsapp", event.body, "wrong")
            check(code in (0, 401), "a forged event is answered %d", code)
            event.fate = "once"
        elif event.fate == "cut":
            code = server.post("/webhooks/whatsapp", event.body[:len(event.body) // 2], HOOK_SECRET)
            check(code in (0, 400), "half an event is answered %d", code)
            event.fate = "once"
        known = self.is_known(event)
        code = server.post("/webhooks/whatsapp", event.body, HOOK_SECRET)
        self.log("  %s is told: %d", event.marker, code)
        check(code in (0, 200, 503), "an event is answered %d", code)
        if code == 200:
            event.acknowledged += 1
            self.queue.remove(event)
            if known and event.tells_status:
                self.check_withdrawn(event)

    def is_known(self, event):
        """Whether a listing that has ended had it: what is told of strangers waits for the next one."""
        return any(row == (event.name, event.language) for row in self.read("SELECT name, language FROM version"))

    def check_withdrawn(self, event):
        """What a webhook takes out of use is out of use the moment that it is answered."""
        latest = [other for other in self.events if (other.name, other.language) == (event.name, event.language)][-1]
        live = self.look().find(event.name, event.language)
        if not self.told_straight or event is not latest or not live or live["status"] in ("APPROVED", "FROZEN"):
            return
        if live["status"] != event.status:
            return  # something happened since that nobody told
        code, body = self.server.ask("GET", "/v1/templates/%s?language=%s" % (split(event.name)[0], event.language))
        if code == 200:
            answer = json.loads(body)
            check(answer.get("name") != event.name or answer["language"] != event.language,
                  "%s %s is %s, as was told, and is in use", event.name, event.language, live["status"])

    def do_edit(self, trouble, rng):
        """Somebody else, of whom no webhook tells."""
        self.edited = True
        choose(rng, [(self.rewrite, 2), (self.take, 3), (self.remove, 2), (self.invite, 1)])(rng, self.look())

    # -- at the end -------------------------------------------------------

    def come_to_rest(self):
        """Everything that was not lost is told in the end; and the next start lists everything."""
        self.emulator.arm([])
        for _ in range(20):
            for event in list(self.queue):
                self.deliver(event)
            if not self.queue:
                break
        check(not self.queue, "events are not taken: %s", [event.marker for event in self.queue])
        self.alive().end(signal.SIGTERM)
        self.begin()
        self.why = "it was not looked at"

        def is_right():
            try:
                self.check_applied()
                self.check_registry()
                return True
            except Failed as failed:
                self.why = str(failed)
                return not self.server.is_running()

        try:
            wait_for(is_right, "the registry", SOON, 0.01)
        except Failed:
            raise Failed("after %d seconds: %s; %s" % (SOON, self.why, self.server.read_log()[-1500:])) from None

    def read(self, sql):
        database = sqlite3.connect("file:%s?mode=ro" % self.database, uri=True, timeout=10)
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()

    def check_registry(self):
        live = self.look().templates
        wanted = {(version.live["name"], language): (version.live["status"], version.live["category"])
                  for (base, language), versions in find_versions(live).items() for version in versions if base in self.world.desired}
        rows = {(name, language): (status, category)
                for name, language, status, category in self.read("SELECT name, language, status, category FROM version")}
        for key, row in wanted.items():
            check(rows.get(key) == row, "%s is %s, and the registry says %s", key, row, rows.get(key))
        every = {(version.live["name"], language): (version.live["status"], version.live["category"])
                 for (_, language), versions in find_versions(live).items() for version in versions}
        for key, row in rows.items():
            check(row[0] == "GONE" if key not in every else row == every[key], "%s is %s, and the registry says %s", key, every.get(key), row)

    def check_applied(self):
        """In mode apply what git wants is there."""
        check(self.server.metric("last_plan_timestamp_seconds"), "it has not planned yet")
        if self.setting.mode == "apply":
            snapshot = self.look()
            left = [key for key, create in self.law(snapshot).creates.items()
                    if not self.clashes(snapshot, key[0], create.category)]
            check(not left, "it has not created %s", left)

    def check_answers(self):
        """What flows get is what may be used, and git's where that may."""
        code, body = self.server.ask("GET", "/v1/templates")
        check(code == 200, "GET /v1/templates: %d", code)
        answers = {(answer["template"], answer["language"]): answer for answer in json.loads(body)["templates"]}
        snapshot = self.look()
        planner = Planner(self.world.desired, snapshot.templates, self.world.history, self.world.signatures)
        for base in self.world.desired:
            states = planner.judge(base)
            for language, state in states.items():
                answer = answers.get((base, language))
                check(answer, "%s %s has no answer", base, language)
                self.check_answer(base, language, states, answer, snapshot)

    def check_answer(self, base, language, states, answer, snapshot):
        template, state = self.world.desired[base], states[language]

        def may(other):
            return (other.target.live["status"] == "APPROVED" and other.target.live["category"] == template.category and
                    (not other.breaks or template.accepts(other.target.number)))

        complete = state.target and all(may(other) for other in states.values()
                                        if other.target and other.target.number == state.target.number)
        if complete:
            check(answer.get("name") == state.target.live["name"], "%s %s: %s is git's and approved, and in use is %s",
                  base, language, state.target.live["name"], answer)
        elif answer["use"] == "template":
            live = snapshot.find(answer["name"], language)
            check(live and live["status"] == "APPROVED", "%s %s: in use is %s, which is %s", base, language, answer["name"], live)
        elif answer["use"] == "none":
            for step in self.world.commits[self.head].templates[base].fallback:
                check(language not in step.get("text", {}), "%s %s: nothing is in use, and its file has a text for %s", base, language, step)

    def check_events(self):
        rows = [row[0] for row in self.read("SELECT body FROM event")]
        for event in self.events:
            count = sum('"%s"' % event.marker in row for row in rows)
            check(count <= 1, "%s is kept %d times", event.marker, count)
            check(count == 1 or not event.acknowledged, "%s was answered 200, and is not kept", event.marker)
        check(len(rows) <= len(self.events), "events are kept that nobody sent: %s", rows)
        check(self.read("PRAGMA integrity_check") == [("ok",)], "the database is damaged")
        self.counts["events"] += len(rows)
