"""What all modes have in common: an organisation, a repository, what others do
meanwhile, and a run of hsmctl in the midst of it.
"""
import collections
import copy
import json
import os
import random
import re
import shutil
import tempfile

from law import WAITING, split
from programs import SECRET, Emulator, Hsmctl, check, check_files, wait_for, write_repository
from texts import LANGUAGES, canonical
from world import ODD_STATUSES, World

DAY = 86400
HOLD = 3_600_000  # milliseconds that a request is held back; the clock is moved on to let it go

# What may go wrong with a request, and how often beside the others.
KINDS = [("reset-before", 4), ("reset-after", 6), ("truncate", 4), ("status=503", 2), ("status=500", 1),
         ("status=502", 1), ("status-after=500", 3), ("status-after=504", 2), ("429", 2), ("429=1", 0.3),
         ("html=200", 2), ("html=502", 2), ("garbage", 3), ("expire-token", 3), ("slow=40000", 0.5),
         ("delay=30", 2), ("deep=2000", 1), ("huge=20000000", 0.2)]


def choose(rng, weighted):
    return rng.choices([item for item, _ in weighted], [weight for _, weight in weighted])[0]


def make_fault(rng, places, selectors):
    """METHOD:PATH:KIND:SELECTOR, as the emulator takes it."""
    place, kind = choose(rng, places), choose(rng, KINDS)
    if kind == "expire-token" and place in ("*:*", "POST:/oauth/token"):
        place = "*:/api/*"  # there is none to expire before there is one
    return "%s:%s:%s" % (place, kind, rng.choice(selectors))


def count_hits(armed):
    """How many requests met a fault that does harm."""
    return sum(fault["hits"] for fault in armed if ":noise" not in fault["fault"] and ":delay=" not in fault["fault"])


class Snapshot:
    """The organisation at one moment."""

    def __init__(self, state):
        keys = ("id", "name", "language", "category", "status")
        self.templates = [{**{key: template[key] for key in keys}, "content": canonical(template["components"])}
                          for template in state["templates"]]
        self.webhooks = state["webhooks"]
        self.locks = {(lock["name"], lock["language"]) for lock in state["locks"]}
        self.ids = {template["id"]: template for template in self.templates}

    def find(self, name, language):
        return next((template for template in self.templates
                     if (template["name"], template["language"]) == (name, language)), None)

    def with_those_of(self, other):
        """As it was before anything of the other went."""
        union = copy.copy(self)
        union.ids = {**other.ids, **self.ids}
        union.templates = list(union.ids.values())
        return union

    def clashes(self, name, category):
        """All languages of a version have one category: another one of a version that a review moved is
        refused."""
        return any(template["name"] == name and template["category"] != category for template in self.templates)


class Attempt:
    """A run of hsmctl that has ended."""

    def __init__(self, troubles):
        self.troubles = troubles
        self.states = []     # snapshots: before it, around what others did meanwhile, after it
        self.theirs = set()  # ids that others made or took away meanwhile
        self.result, self.rival = None, None  # of hsmctl, and of another one at the same time
        self.requests, self.armed = [], []

    def of(self, *kinds):
        return [trouble for trouble in self.troubles if trouble["kind"] in kinds]

    @property
    def holds(self):
        """What happens while a request is held back, in that order."""
        return sorted((trouble for trouble in self.troubles if trouble.get("hold")),
                      key=lambda trouble: trouble["hold"])

    @property
    def hits(self):
        return count_hits(self.armed)

    @property
    def before(self):
        return self.states[0]

    @property
    def after(self):
        return self.states[-1]

    @property
    def is_disturbed(self):
        """Whether others changed anything while it ran."""
        return len(self.states) > 2


class Simulation:
    """A seed's world and its troubles; only: the numbers of those that happen. log
    takes a format and its values."""

    make_world = World
    hidden, given = SECRET, ()  # what no file may hold, but those that were given
    make_setting = None  # of a mode: a class with review, rules, options, prune, troubles, describe()

    def __init__(self, seed, only=None, log=None):
        self.seed, self.log = seed, log or (lambda *_: None)
        self.world = self.make_world(seed)
        self.setting = self.make_setting(seed, self.world)
        self.troubles = [trouble for i, trouble in enumerate(self.setting.troubles) if only is None or i in only]
        self.edited = False  # whether anybody but hsmctl changed what is live
        self.emulator = None
        self.counts = collections.Counter()

    def run(self):
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = tempfile.mkdtemp(prefix="hsm-faults-", dir=memory)
        self.repository = self.folder + "/repository"
        try:
            self.start()
            self.play()
            check_files(self.folder, self.hidden, self.given)
        finally:
            self.stop()
            shutil.rmtree(self.folder)

    def play(self):
        raise NotImplementedError

    def stop(self):
        if self.emulator:
            self.emulator.stop()

    def start(self):
        setting, review = self.setting, self.setting.review
        if review == "script":
            review = self.folder + "/review.json"
            with open(review, "w") as file:
                json.dump(setting.rules, file)
        self.emulator = Emulator("--review", review, "--seed", str(self.seed), *setting.options)
        os.mkdir(self.repository)
        self.commit_ids = write_repository(self.repository, self.world, self.emulator.url)
        self.emulator.admin("POST", "templates", self.world.seeds())
        for webhook in self.world.live_webhooks:
            self.emulator.api("POST", "webhooks", webhook)
        self.describe()

    def describe(self):
        world = self.world
        self.log("world: %d commits, pins %s, %d live, %s; %s", len(world.commits), world.repository.pinning,
                 len(world.live), "clean" if world.clean else "odd: %s" % sorted(world.odd),
                 self.setting.describe())
        for base, template in sorted(world.desired.items()):
            texts = {language: (wanted.pinned, number_of(wanted.content))
                     for language, wanted in template.wanted.items()}
            self.log("  git  %s %s %s", base, template.category, texts)
        for template in world.live:
            if not template["name"].startswith("crowd_"):
                self.log("  live %s %s %s %s %s", template["name"], template["language"], template["status"],
                         template["category"], number_of(template["content"]))

    def look(self):
        snapshot = Snapshot(self.emulator.state())
        for template in snapshot.templates:
            check(template["content"] in self.world.contents or is_shift(template),
                  "%s %s has content that nobody wrote: %s", template["name"], template["language"],
                  template["content"])
        return snapshot

    def law(self, snapshot, prune=None):
        live = [template for template in snapshot.templates if not is_shift(template)]
        return self.world.plan(live, self.setting.prune if prune is None else prune)

    # -- a run of hsmctl --------------------------------------------------

    def perform(self, arguments, troubles, noisy=False, **how):
        """Runs hsmctl once, with these troubles."""
        attempt = Attempt(troubles)
        for trouble in attempt.of("edit", "advance"):
            if not trouble["hold"]:
                self.interfere(trouble)
        attempt.states.append(self.look())
        specs = ["*:*:delay=%d:at=%d" % (HOLD, trouble["hold"]) for trouble in attempt.holds]
        specs += [trouble["spec"] for trouble in attempt.of("fault")] + (["*:/api/*:noise"] if noisy else [])
        self.emulator.admin("DELETE", "requests")
        self.emulator.arm(specs)
        # Where something happens at a certain request, one goes out after the other.
        parallelism = "1" if attempt.holds else str(self.setting.parallelism)
        process = Hsmctl(self.repository, *arguments, "--parallelism", parallelism,
                         kill_at=min((trouble["at"] for trouble in attempt.of("kill")), default=0),
                         clock=sum(trouble["seconds"] for trouble in attempt.of("clock")), **how)
        rival = Hsmctl(self.repository, *arguments, **how) if attempt.of("rival") else None
        for trouble, spec in zip(attempt.holds, specs):
            if not self.wait_for_hold(process, spec):
                break
            known = self.look()
            self.interfere(trouble)
            attempt.states += [known, self.look()]
            # When the clock moves on, what was held goes on.
            if trouble["kind"] == "edit":
                attempt.theirs |= set(attempt.after.ids) ^ set(known.ids)
            self.emulator.advance(HOLD // 1000)
        attempt.result = process.wait()
        attempt.rival = rival.wait() if rival else None
        attempt.armed = self.emulator.admin("GET", "faults")
        self.emulator.arm([])
        attempt.states.append(self.look())
        attempt.requests = self.emulator.requests()
        self.note(attempt, specs)
        return attempt

    def note(self, attempt, specs):
        result = attempt.result
        check(attempt.of("kill") or not result.killed, "hsmctl was killed by nobody")
        self.counts["runs"] += 1
        self.counts["kills"] += result.killed
        self.counts["faults"] += attempt.hits
        self.log("%s: exit %d%s; %s", result.arguments, result.code, " (killed)" if result.killed else "", specs)
        for request in attempt.requests:
            if request["method"] != "GET" or request.get("fault"):
                self.log("    %s %s %s %s", request["method"], request["path"], request["status"],
                         request.get("fault", ""))
        for line in result.err.splitlines():
            self.log("    %s", line)

    def wait_for_hold(self, process, spec):
        """Until a request is held; or hsmctl ended before: False."""
        def is_held():
            return any(fault["fault"] == spec and fault["hits"] for fault in self.emulator.admin("GET", "faults"))

        wait_for(lambda: is_held() or not process.is_running(), "a request is held")
        return is_held()

    # -- what others do ---------------------------------------------------

    def interfere(self, trouble):
        rng = random.Random(trouble["seed"])
        if trouble["kind"] == "advance":
            self.emulator.advance(trouble["seconds"])
            return
        self.edited = True
        # Only the admin path is open while a request is held.
        edits = [(self.review, 4), (self.rewrite, 2), (self.take, 4), (self.remove, 2), (self.invite, 1),
                 (self.move, 2)]
        if not trouble["hold"]:
            edits += [(self.delete_and_lock, 2), (self.change_webhook, 1)]
        choose(rng, edits)(rng, self.look())

    def seed_template(self, template, **changes):
        template = {**template, **changes}
        body = {key: template[key] for key in ("name", "language", "category", "status")}
        self.log("  somebody: %s %s", body, number_of(template["content"]))
        self.emulator.admin("POST", "templates", [
            {**body, "components": self.world.contents[template["content"]]}])

    def ours(self, snapshot):
        return [template for template in snapshot.templates
                if split(template["name"])[0] in self.world.history.bases]

    def review(self, rng, snapshot):
        """Meta decides about what waits."""
        for template in self.ours(snapshot):
            if template["status"] in WAITING and rng.random() < 0.7:
                self.decide(template, rng.choice([
                    {"status": "APPROVED"}, {"status": "APPROVED"}, {"status": "REJECTED", "reason": "SCAM"},
                    {"status": "APPROVED", "category": rng.choice(["MARKETING", "UTILITY"])}]))

    def decide(self, template, decision):
        self.log("  review: %s %s %s", template["name"], template["language"], decision)
        # A rival may have deleted it since we looked.
        self.emulator.admin("POST", "templates/%s/review" % template["id"], decision, may_be_gone=True)

    def move(self, rng, snapshot):
        """Meta changes its mind about what was approved."""
        ours = self.ours(snapshot)
        if ours:
            self.decide(rng.choice(ours), rng.choice(
                [{"status": status} for status in ODD_STATUSES] +
                [{"category": "MARKETING"}, {"category": "UTILITY"}]))

    def rewrite(self, rng, snapshot):
        ours = self.ours(snapshot)
        if ours:
            self.seed_template(rng.choice(ours), content=self.world.foreign())

    def take(self, rng, snapshot):
        """A name that hsmctl is about to take: with the same content, or with other."""
        creates = sorted(self.law(snapshot).creates.items())
        if creates:
            (name, language), create = rng.choice(creates)
            content = create.content if rng.random() < 0.4 else self.world.foreign()
            self.seed_template({"name": name, "language": language, "category": create.category,
                                "content": content,
                                "status": rng.choice(["APPROVED", "APPROVED", "PENDING", "REJECTED"])})

    def remove(self, rng, snapshot):
        ours = self.ours(snapshot)
        if ours:
            template = rng.choice(ours)
            self.log("  somebody removes %s %s", template["name"], template["language"])
            self.emulator.admin("DELETE", "templates/" + template["id"], may_be_gone=True)

    def delete_and_lock(self, rng, snapshot):
        ours = self.ours(snapshot)
        if ours:
            template = rng.choice(ours)
            self.log("  somebody deletes %s %s: locked", template["name"], template["language"])
            provider = next(row["id"] for row in self.emulator.state()["providers"]
                            if row["type"] == "WHATSAPP" and row.get("status") in (None, "ACTIVE"))
            self.emulator.api("DELETE", "providers/%s/templates/%s" % (provider, template["id"]))

    def invite(self, rng, snapshot):
        self.seed_template({"name": "guest_%d" % rng.randint(1, 99), "language": rng.choice(LANGUAGES),
                            "status": "APPROVED", "category": "UTILITY", "content": self.world.foreign()})

    def change_webhook(self, rng, snapshot):
        if snapshot.webhooks and rng.random() < 0.5:
            self.emulator.api("DELETE", "webhooks/" + rng.choice(snapshot.webhooks)["id"])
        elif snapshot.webhooks:
            webhook = rng.choice(snapshot.webhooks)
            self.emulator.api("PUT", "webhooks/" + webhook["id"], {
                "name": webhook["name"], "url": "http://127.0.0.1:9/moved", "events": webhook["events"]})


def number_of(content):
    """The number that tells one text from all others."""
    body = next(component["text"] for component in json.loads(content) if component["type"] == "BODY")
    return int(re.search(r"\d+", body)[0])


def is_shift(template):
    """What the emulator puts into a listing that it shifts."""
    return template["name"].startswith("emulator_shift")
