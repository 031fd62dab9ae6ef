"""What all modes have in common: an organisation, a repository, and what others do
meanwhile.
"""
import collections
import json
import os
import random
import re
import shutil
import tempfile

from law import WAITING, split
from programs import Emulator, check, wait_for, write_repository
from texts import LANGUAGES, canonical
from world import ODD_STATUSES, World

DAY = 86400


def choose(rng, weighted):
    return rng.choices([item for item, _ in weighted], [weight for _, weight in weighted])[0]


class Snapshot:
    """The organisation at one moment."""

    def __init__(self, state):
        self.templates = [{**{key: template[key] for key in ("id", "name", "language", "category", "status")},
                           "content": canonical(template["components"])} for template in state["templates"]]
        self.webhooks = state["webhooks"]
        self.locks = {(lock["name"], lock["language"]) for lock in state["locks"]}
        self.ids = {template["id"]: template for template in self.templates}

    def find(self, name, language):
        return next((template for template in self.templates
                     if (template["name"], template["language"]) == (name, language)), None)


class Simulation:
    """A seed's world and its troubles; only: the numbers of those that happen. log
    takes a format and its values."""

    make_setting = None  # of a mode: a class with review, rules, options, prune, troubles, describe()
    make_world = World

    def __init__(self, seed, only=None, log=None):
        self.seed, self.log = seed, log or (lambda *_: None)
        self.world = self.make_world(seed)
        self.setting = self.make_setting(seed, self.world)
        self.troubles = [trouble for i, trouble in enumerate(self.setting.troubles) if only is None or i in only]
        self.edited = False  # whether anybody but hsmctl changed what is live
        self.counts = collections.Counter()

    def run(self):
        self.folder = tempfile.mkdtemp(prefix="hsm-faults-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
        self.repository = self.folder + "/repository"
        try:
            self.start()
            self.play()
        finally:
            self.stop()
            shutil.rmtree(self.folder)

    def stop(self):
        if hasattr(self, "emulator"):
            self.emulator.stop()

    # -- the world --------------------------------------------------------

    def start(self):
        setting, review = self.setting, self.setting.review
        if review == "script":
            review = self.folder + "/review.json"
            with open(review, "w") as file:
                json.dump(setting.rules, file)
        self.emulator = Emulator("--review", review, "--seed", str(self.seed % 10 ** 12), *setting.options)
        os.mkdir(self.repository)
        self.commit_ids = write_repository(self.repository, self.world, self.emulator.url)
        self.emulator.admin("POST", "templates", self.world.seeds())
        for webhook in self.world.live_webhooks:
            self.emulator.api("POST", "webhooks", webhook)
        self.describe()

    def describe(self):
        world = self.world
        self.log("world: %d commits, pins %s, %d live, %s; %s", len(world.commits), world.repository.pinning, len(world.live),
                 "clean" if world.clean else "odd: %s" % sorted(world.odd), self.setting.describe())
        for base, template in sorted(world.desired.items()):
            self.log("  git  %s %s %s", base, template.category, {language: (wanted.pinned, self.number_of(wanted.content))
                                                                   for language, wanted in template.wanted.items()})
        for template in world.live:
            if not template["name"].startswith("crowd_"):
                self.log("  live %s %s %s %s %s", template["name"], template["language"], template["status"], template["category"],
                         self.number_of(template["content"]))

    @staticmethod
    def number_of(content):
        """The number that tells one text from all others."""
        body = next(component["text"] for component in json.loads(content) if component["type"] == "BODY")
        return int(re.search(r"\d+", body)[0])

    def look(self):
        snapshot = Snapshot(self.emulator.state())
        for template in snapshot.templates:
            check(template["content"] in self.world.contents or template["name"].startswith("emulator_shift"),
                  "%s %s has content that nobody wrote: %s", template["name"], template["language"], template["content"])
        return snapshot

    def law(self, snapshot):
        live = [template for template in snapshot.templates if template["content"] in self.world.contents]
        return self.world.plan(live, self.setting.prune)

    def wait_for_hold(self, process, spec):
        def is_held():
            return any(fault["fault"] == spec and fault["hits"] for fault in self.emulator.admin("GET", "faults"))

        held = []
        wait_for(lambda: held.append(is_held()) or held[-1] or not process.is_running(), "a request is held")
        return held[-1]

    @staticmethod
    def clashes(snapshot, name, category):
        """All languages of a version have one category: another one of a version that a review moved is refused."""
        return any(template["name"] == name and template["category"] != category for template in snapshot.templates)

    # -- what others do ---------------------------------------------------

    def interfere(self, trouble):
        rng = random.Random(trouble["seed"])
        if trouble["kind"] == "advance":
            self.emulator.advance(trouble["seconds"])
            return
        self.edited = True
        # Only the admin path is open while a request is held.
        edits = [(self.review, 4), (self.rewrite, 2), (self.take, 4), (self.remove, 2), (self.invite, 1), (self.move, 2)]
        if not trouble["hold"]:
            edits += [(self.delete_and_lock, 2), (self.change_webhook, 1)]
        choose(rng, edits)(rng, self.look())

    def seed_template(self, template, **changes):
        template = {**template, **changes}
        body = {key: template[key] for key in ("name", "language", "category", "status")}
        self.log("  somebody: %s %s", body, self.number_of(template["content"]))
        self.emulator.admin("POST", "templates", [{**body, "components": self.world.contents[template["content"]]}])

    def ours(self, snapshot):
        return [template for template in snapshot.templates if split(template["name"])[0] in self.world.history.bases]

    def review(self, rng, snapshot):
        """Meta decides about what waits."""
        for template in self.ours(snapshot):
            if template["status"] in WAITING and rng.random() < 0.7:
                self.decide(template, rng.choice([{"status": "APPROVED"}, {"status": "APPROVED"},
                                                  {"status": "REJECTED", "reason": "SCAM"},
                                                  {"status": "APPROVED", "category": rng.choice(["MARKETING", "UTILITY"])}]))

    def decide(self, template, decision):
        self.log("  review: %s %s %s", template["name"], template["language"], decision)
        self.emulator.admin("POST", "templates/%s/review" % template["id"], decision)

    def move(self, rng, snapshot):
        """Meta changes its mind about what was approved."""
        ours = self.ours(snapshot)
        if ours:
            self.decide(rng.choice(ours), rng.choice([{"status": status} for status in ODD_STATUSES] +
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
            self.seed_template({"name": name, "language": language, "category": create.category, "content": content,
                                "status": rng.choice(["APPROVED", "APPROVED", "PENDING", "REJECTED"])})

    def remove(self, rng, snapshot):
        ours = self.ours(snapshot)
        if ours:
            template = rng.choice(ours)
            self.log("  somebody removes %s %s", template["name"], template["language"])
            self.emulator.admin("DELETE", "templates/" + template["id"])

    def delete_and_lock(self, rng, snapshot):
        ours = self.ours(snapshot)
        if ours:
            template = rng.choice(ours)
            self.log("  somebody deletes %s %s: locked", template["name"], template["language"])
            provider = self.emulator.state()["providers"]
            provider = next(row["id"] for row in provider if row["type"] == "WHATSAPP" and row.get("status") in (None, "ACTIVE"))
            self.emulator.api("DELETE", "providers/%s/templates/%s" % (provider, template["id"]))

    def invite(self, rng, snapshot):
        self.seed_template({"name": "guest_%d" % rng.randint(1, 99), "language": rng.choice(LANGUAGES), "status": "APPROVED",
                            "category": "UTILITY", "content": self.world.foreign()})

    def change_webhook(self, rng, snapshot):
        if snapshot.webhooks and rng.random() < 0.5:
            self.emulator.api("DELETE", "webhooks/" + rng.choice(snapshot.webhooks)["id"])
        elif snapshot.webhooks:
            webhook = rng.choice(snapshot.webhooks)
            self.emulator.api("PUT", "webhooks/" + webhook["id"], {**webhook, "url": "http://127.0.0.1:9/moved", "id": None} |
                              {"secret": "theirs"})
