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

from law import Planner, find_versions, split
from programs import HOOK_SECRET, PUSH_SECRET, Failed, Server, check, wait_for
from simulation import DAY, Simulation, choose, count_hits, make_fault

STATUSES = ["APPROVED"] * 5 + ["PAUSED", "DISABLED", "REJECTED", "PENDING", "IN_APPEAL", "FROZEN", "PENDING_DELETION"]
PLACES = [("POST:/oauth/token", 1), ("GET:*/providers", 1), ("GET:*/templates*", 4), ("POST:*/templates", 2),
          ("*:*", 2)]
ACTIONS = [("happen", 10), ("deliver", 6), ("kill", 2), ("fault", 2), ("commit", 1.5), ("push", 1), ("edit", 1),
           ("overtake", 0.7), ("restart", 0.5), ("clock", 0.5)]
FATES = [("once", 6), ("lost", 2), ("doubled", 2), ("late", 2), ("forged", 0.5), ("cut", 0.5)]
SOON = 60  # seconds in which the registry is right again


class Setting:
    def __init__(self, seed, world):
        self.rng = rng = random.Random("serve %s" % seed)
        self.review, self.prune, self.options = "manual", False, []
        self.mode = choose(rng, [("report", 7), ("apply", 3)])
        self.sender = rng.choice(["genesys", "meta"])
        last = len(world.commits) - 1
        self.head = last if rng.random() < 0.5 else rng.randint(0, last)
        self.troubles = [self.make_trouble() for _ in range(rng.randint(4, 14))]

    def describe(self):
        return "serve, mode %s, told by %s, at commit %d" % (self.mode, self.sender, self.head)

    def make_trouble(self):
        rng = self.rng
        trouble = {"kind": choose(rng, ACTIONS), "seed": rng.randrange(10 ** 9)}
        if trouble["kind"] == "happen":
            trouble["fate"] = choose(rng, FATES)
        elif trouble["kind"] == "kill":
            trouble["at"] = rng.randint(1, 150)
        elif trouble["kind"] == "clock":
            trouble["seconds"] = rng.choice([-DAY, -600, 60, 600, DAY])
        elif trouble["kind"] == "fault":
            trouble["spec"] = make_fault(rng, PLACES, ["times=1", "times=2", "times=5"])
        return trouble


class Event:
    """What a webhook tells, once or more often."""

    def __init__(self, marker, time, template, body, fate, tells_status):
        self.marker, self.time, self.body, self.fate = marker, time, body, fate
        self.name, self.language, self.status = template["name"], template["language"], template["status"]
        self.tells_status = tells_status
        self.acknowledged = 0
        self.was_known = False  # when it was first told, a listing that had ended had it: strangers wait for the next


class Serve(Simulation):
    make_setting = Setting
    server = None

    def play(self):
        self.events, self.queue = [], []
        self.told_straight = True  # no clock was ever wrong
        self.database, self.file = self.folder + "/registry.db", self.folder + "/serve.yaml"
        with open(self.file, "w") as file:
            file.write("listen: 127.0.0.1:0\nregistry: sqlite:%s\nmode: %s\ntokens: [FLOW_TOKEN]\n"
                       "webhook: {secret: HOOK_SECRET}\npush: {secret: PUSH_SECRET}\n" % (
                           self.database, self.setting.mode))
        side = self.repository + "/.git/refs/heads/side"
        if os.path.exists(side):
            os.unlink(side)
        self.go_to(self.setting.head)
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
        if self.server and self.server.is_running():
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
            self.log("  it was killed")
            self.counts["kills"] += 1
            self.server.end(signal.SIGKILL)
            self.begin()
        return self.server

    def do_kill(self, trouble, rng):
        self.server.end(signal.SIGKILL)
        self.counts["kills"] += 1
        self.begin(kill_at=trouble["at"])

    def do_restart(self, trouble, rng):
        self.alive().end(signal.SIGTERM)
        self.begin()

    def do_clock(self, trouble, rng):
        self.told_straight = False
        self.server.end(signal.SIGKILL)
        self.begin(clock=trouble["seconds"])

    def do_fault(self, trouble, rng):
        self.emulator.admin("POST", "faults", [trouble["spec"]])

    def arm(self, specs):
        """These in place of those before."""
        self.counts["faults"] += count_hits(self.emulator.admin("GET", "faults"))
        self.emulator.arm(specs)

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

    # -- what happens, and what is told of it -----------------------------

    def do_happen(self, trouble, rng):
        event = self.make_happen(rng, trouble["fate"])
        if event and event.fate == "once" and rng.random() < 0.5:
            self.deliver(event)

    def do_overtake(self, trouble, rng):
        """Something happens, and is told, while a listing that does not have it is on its way."""
        server = self.alive()
        before = server.metric("cycles_total")
        if not before:
            return

        def has_ended():
            return not server.is_running() or server.metric("cycles_total") > before

        self.arm(["GET:*/templates*:delay=200:times=1"])
        self.do_push(trouble, rng)
        wait_for(lambda: self.emulator.admin("GET", "faults")[0]["hits"] or has_ended(), "a listing")
        event = self.make_happen(rng, "once")
        if event:
            self.deliver(event)
            wait_for(has_ended, "the end of a listing")
            if event.acknowledged and server.is_running():
                self.check_told(event)

    def make_happen(self, rng, fate):
        """Something happens to a version: the event that is to be told of it, or None."""
        ours = self.ours(self.look())
        if not ours:
            return None
        template = rng.choice(ours)
        category = rng.choice(["UTILITY", "MARKETING"]) if rng.random() < 0.2 else None
        self.decide(template, {"category": category} if category else {"status": rng.choice(STATUSES)})
        after = next(row for row in self.emulator.state()["templates"] if row["id"] == template["id"])
        if (after["status"], after["category"]) == (template["status"], template["category"]) or fate == "lost":
            return None
        if category and self.setting.sender == "genesys":
            return None  # it does not tell of categories
        make = self.make_genesys_event if self.setting.sender == "genesys" else self.make_meta_event
        event = make("event-%d" % (len(self.events) + 1), after, fate, category)
        self.events.append(event)
        self.queue += [event] * (2 if fate == "doubled" else 1)
        return event

    @staticmethod
    def make_genesys_event(marker, template, fate, category):
        time = template["dateModified"]
        body = {"id": marker, "event": "whatsapp_status_update", "timestamp": time, "providerId": "p",
                "template": {key: template[key] for key in ("id", "name", "language", "status")}}
        return Event(marker, time, template, json.dumps(body), fate, True)

    @staticmethod
    def make_meta_event(marker, template, fate, category):
        time = datetime.datetime.strptime(template["dateModified"], "%Y-%m-%dT%H:%M:%S.%fZ")
        seconds = int(time.replace(tzinfo=datetime.timezone.utc).timestamp())
        value = {"message_template_id": 1, "message_template_name": template["name"],
                 "message_template_language": template["language"], "marker": marker}
        if category:
            field, more = "template_category_update", {"new_category": category}
        else:
            field, more = "message_template_status_update", {"event": template["status"], "reason": "NONE"}
        changes = [{"field": field, "value": {**value, **more}}]
        body = {"object": "whatsapp_business_account", "entry": [{"id": "1", "time": seconds, "changes": changes}]}
        return Event(marker, seconds, template, json.dumps(body), fate, not category)

    def do_deliver(self, trouble, rng):
        """Some of what waits, in any order."""
        ready = [event for event in self.queue if event.fate != "late"]
        rng.shuffle(ready)
        for event in ready[:rng.randint(1, 5)]:
            self.deliver(event)

    def tell(self, body, secret=HOOK_SECRET):
        return self.alive().post("/webhooks/whatsapp", body, secret)

    def deliver(self, event):
        """Tells it; what is not answered 200 is told again later, as senders do."""
        if event.fate == "forged":
            check(self.tell(event.body, "wrong") in (0, 401), "a forged event is taken")
        elif event.fate == "cut":
            check(self.tell(event.body[:len(event.body) // 2]) in (0, 400), "half an event is taken")
        if not event.acknowledged:
            event.was_known = (event.name, event.language) in self.read("SELECT name, language FROM version")
        code = self.tell(event.body)
        self.log("  %s is told: %d", event.marker, code)
        check(code in (0, 200, 503), "an event is answered %d", code)
        if code == 200:
            event.acknowledged += 1
            self.queue.remove(event)
            self.check_told(event)

    def check_told(self, event):
        """Once it was told of the last thing that happened, the registry says it, whatever else is on its way; and
        what was taken out of use is out of use."""
        others = [other for other in self.events if other.tells_status and
                  (other.name, other.language) == (event.name, event.language)]
        live = self.look().find(event.name, event.language)
        if not others or not live or not self.told_straight:
            return
        last = others[-1]
        if not last.acknowledged or not last.was_known or last.status != live["status"] or any(
                other.time == last.time for other in others[:-1]):
            return  # something was lost, or is late, or two things are of one moment
        rows = self.read("SELECT status FROM version WHERE name = '%s' AND language = '%s'" % (
            event.name, event.language))
        if rows == [("GONE",)]:
            return  # a listing brings it back, no event does
        check(rows == [(last.status,)], "%s %s is %s, as was told, and the registry says %s", event.name,
              event.language, last.status, rows)
        code, body = self.server.ask("GET", "/v1/templates/%s?language=%s" % (split(event.name)[0], event.language))
        if code == 200 and last.status != "APPROVED":
            answer = json.loads(body)
            check((answer.get("name"), answer["language"]) != (event.name, event.language),
                  "%s %s is %s, as was told, and is in use", event.name, event.language, last.status)

    def do_edit(self, trouble, rng):
        """Somebody else, of whom no webhook tells."""
        edits = [(self.rewrite, 2), (self.take, 3), (self.remove, 2), (self.invite, 1)]
        choose(rng, edits)(rng, self.look())

    # -- at the end -------------------------------------------------------

    def come_to_rest(self):
        """Everything that was not lost is told in the end; and the next start lists everything."""
        self.arm([])
        for _ in range(20):
            for event in list(self.queue):
                self.deliver(event)
        check(not self.queue, "events are not taken: %s", [event.marker for event in self.queue])
        self.alive().end(signal.SIGTERM)
        self.begin()
        why = []

        def is_right():
            try:
                self.check_applied()
                self.check_registry()
                return True
            except Failed as failed:
                why.append(failed)
                return not self.server.is_running()

        try:
            wait_for(is_right, "the registry", SOON, 0.01)
        except Failed as failed:
            raise Failed("%s: %s; %s" % (failed, why[-1], self.server.read_log()[-1500:])) from None

    def read(self, sql):
        database = sqlite3.connect("file:%s?mode=ro" % self.database, uri=True, timeout=10)
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()

    def check_registry(self):
        """Every version that git's templates have is there as it is live; and nothing else is, but as gone."""
        versions = find_versions(self.look().templates)
        live = {(version.live["name"], language): (version.live["status"], version.live["category"])
                for (_, language), found in versions.items() for version in found}
        rows = {(name, language): (status, category) for name, language, status, category in
                self.read("SELECT name, language, status, category FROM version")}
        for key, row in live.items():
            told = rows.get(key)
            check(told == row or (told is None and split(key[0])[0] not in self.world.desired),
                  "%s is %s, and the registry says %s", key, row, told)
        for key, told in rows.items():
            check(key in live or told[0] == "GONE", "%s is not there, and the registry says %s", key, told)

    def check_applied(self):
        """In mode apply what git wants is there."""
        check(self.server.metric("last_plan_timestamp_seconds"), "it has not planned yet")
        if self.setting.mode == "apply":
            snapshot = self.look()
            left = [key for key, create in self.law(snapshot).creates.items()
                    if not snapshot.clashes(key[0], create.category)]
            check(not left, "it has not created %s", left)

    def check_answers(self):
        """What flows get is what may be used, and git's where that may."""
        code, body = self.server.ask("GET", "/v1/templates")
        check(code == 200, "GET /v1/templates: %d", code)
        answers = {(answer["template"], answer["language"]): answer for answer in json.loads(body)["templates"]}
        snapshot, world = self.look(), self.world
        planner = Planner(world.desired, snapshot.templates, world.history, world.signatures)
        for base in world.desired:
            states = planner.judge(base)
            for language in states:
                check((base, language) in answers, "%s %s has no answer", base, language)
                self.check_answer(base, language, states, answers[base, language], snapshot)

    def check_answer(self, base, language, states, answer, snapshot):
        template, target = self.world.desired[base], states[language].target

        def may(state):
            live = state.target.live
            return ((live["status"], live["category"]) == ("APPROVED", template.category) and
                    (not state.breaks or template.accepts(state.target.number)))

        together = [state for state in states.values() if target and state.target and
                    state.target.number == target.number]
        if target and all(may(state) for state in together):
            check(answer.get("name") == target.live["name"], "%s %s: %s is git's and approved, and in use is %s", base,
                  language, target.live["name"], answer)
        elif answer["use"] == "template":
            live = snapshot.find(answer["name"], language)
            check(live and live["status"] == "APPROVED", "%s %s: in use is %s, which is %s", base, language,
                  answer["name"], live)
        elif answer["use"] == "none":
            texts = [step["text"] for step in self.world.commits[self.head].templates[base].fallback if "text" in step]
            check(not any(language in text for text in texts),
                  "%s %s: nothing is in use, and its file has a text", base, language)

    def check_events(self):
        rows = [row[0] for row in self.read("SELECT body FROM event")]
        for event in self.events:
            count = sum('"%s"' % event.marker in row for row in rows)
            check(count <= 1, "%s is kept %d times", event.marker, count)
            check(count == 1 or not event.acknowledged, "%s was answered 200, and is not kept", event.marker)
        check(len(rows) <= len(self.events), "events are kept that nobody sent: %s", rows)
        check(self.read("PRAGMA integrity_check") == [("ok",)], "the database is damaged")
        self.counts["events"] += len(rows)
