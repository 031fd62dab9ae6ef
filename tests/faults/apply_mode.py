"""hsmctl apply in a bad world, until it says done; then everything that must hold."""
import json
import os
import random
import re

from law import split
from programs import Hsmctl, check
from simulation import DAY, Simulation, choose, is_shift, make_fault
from texts import canonical

RUNS_MAXIMUM = 14
TEMPLATES = re.compile(r"/api/v2/messaging/providers/[^/]+/templates(?:/([^/]+))?")
# Whose requests meet a fault, and how often beside the others.
PLACES = [("POST:/oauth/token", 1), ("GET:*/providers", 1), ("GET:*/templates*", 3), ("POST:*/templates", 8),
          ("DELETE:*/templates/*", 2), ("*:*/webhooks*", 2), ("*:*", 4)]
LISTINGS = ["shift-listing=insert", "shift-listing=total", "shift-listing=delete"]
SELECTORS = ["at=1", "at=1", "at=2", "at=2", "at=3", "at=4", "times=1", "times=2", "times=6"]
OPTIONS = [(0.05, ["--limit-hourly", "3"]), (0.1, ["--token-lifetime", "3000"]), (0.02, ["--rate", "15/s"])]
# What is left for people, and what is no difference at all.
SETTLED = ("wait", "reuse", "blocked", "conflict", "recategorised")


class Setting:
    """What the seed decides beside the world."""

    def __init__(self, seed, world):
        self.rng = rng = random.Random("apply %s" % seed)
        self.review = choose(rng, [("approve", 5), ("manual", 3), ("script", 2)])
        self.rules = self.make_rules(world) if self.review == "script" else []
        self.prune = rng.random() < 0.4
        self.how = choose(rng, [("tree", 5), ("rev", 2), ("saved", 3)])
        self.edits = rng.random() < 0.45
        self.parallelism = rng.choice([1, 2, 8])
        self.noisy = rng.random() < 0.25
        self.options = [word for chance, words in OPTIONS if rng.random() < chance for word in words]
        self.troubles = self.make_troubles(world)

    def describe(self):
        return "review %s %s, %s%s, parallelism %d, options %s%s" % (
            self.review, self.rules, self.how, " --prune" if self.prune else "", self.parallelism, self.options,
            ", noisy" if self.noisy else "")

    def make_rules(self, world):
        rng, rules = self.rng, []
        for base in sorted(world.desired):
            if rng.random() < 0.5:
                decision = rng.choice([{"status": "REJECTED", "reason": "PROMOTIONAL"}, {"status": "IN_REVIEW"},
                                       {"status": "APPROVED", "category": "MARKETING"}])
                language = rng.choice(["*"] + sorted(world.desired[base].wanted))
                rules.append({"name": base + "_v*", "language": language, **decision})
        return rules

    def make_troubles(self, world):
        rng, runs = self.rng, self.rng.randint(1, 3)
        requests = 4 + len(world.plan(world.live).creates)
        kinds = [("fault", 6), ("kill", 3), ("clock", 0.5), ("rival", 0.7)]
        kinds += [("edit", 4), ("advance", 1)] if self.edits else []
        troubles = []
        for _ in range(rng.randint(1, 6)):
            trouble = {"run": rng.randrange(runs), "kind": choose(rng, kinds)}
            if trouble["kind"] == "fault":
                trouble["spec"] = self.make_fault(world)
            elif trouble["kind"] == "kill":
                trouble["at"] = rng.randint(1, 3 * requests)
            elif trouble["kind"] == "clock":
                trouble["seconds"] = rng.choice([-10 ** 7, -3600, 300, 3600, 10 ** 7])
            elif trouble["kind"] != "rival":
                trouble["hold"] = rng.randint(1, requests) if rng.random() < 0.6 else 0
                trouble["seed"] = rng.randrange(10 ** 9)
                trouble["seconds"] = rng.choice([1, 60, 3500, DAY, 40 * DAY])
            troubles.append(trouble)
        return troubles

    def make_fault(self, world):
        rng = self.rng
        # The oldest templates are other people's where a listing may lose them.
        if len(world.live) > 100 and rng.random() < 0.5:
            return "GET:*/templates*pageNumber=2*:%s:times=%d" % (rng.choice(LISTINGS), rng.choice([1, 1, 2, 6]))
        live = {webhook["name"] for webhook in world.live_webhooks}
        missing = any(webhook["name"] not in live for webhook in world.webhooks)
        return make_fault(rng, PLACES + ([("POST:*/webhooks", 6)] if missing else []), SELECTORS)


class Apply(Simulation):
    make_setting = Setting

    def play(self):
        self.created = {}  # {id: template} of all that hsmctl made
        self.saved = []    # the snapshots that the saved plan may be of
        self.plan_file = self.folder + "/plan.json"
        self.first = self.law(self.look())
        self.check_plan("plan")
        for run in range(1 + max((trouble["run"] for trouble in self.troubles), default=-1)):
            self.attempt([trouble for trouble in self.troubles if trouble["run"] == run])
        self.finish()
        self.conclude_reviews()
        self.finish()
        self.check_end()
        self.counts["creates"] += len(self.created)
        self.check_noise()

    def attempt(self, troubles=()):
        """Runs hsmctl once, and checks what it did."""
        setting = self.setting
        prune = ["--prune"] if setting.prune else []
        if setting.how != "saved":
            arguments = ["apply", "--yes", *prune] + (["--rev", "HEAD"] if setting.how == "rev" else [])
        elif os.path.exists(self.plan_file):
            arguments = ["apply", "--yes", self.plan_file]
        else:
            arguments = ["plan", "--out", self.plan_file, *prune]
        attempt = self.perform(arguments, troubles, setting.noisy)
        attempt.applies = arguments[0] == "apply"
        self.judge(attempt)
        return attempt

    # -- what must hold of each run ---------------------------------------

    def judge(self, attempt):
        self.edited |= any("shift-listing=delete" in fault["fault"] and fault["hits"] for fault in attempt.armed)
        refused = self.judge_requests(attempt)
        self.judge_code(attempt, refused)
        for identity, template in {**attempt.states[-2].ids, **attempt.after.ids}.items():
            if identity not in attempt.before.ids and identity not in attempt.theirs and not is_shift(template):
                self.created[identity] = template
        if self.setting.how == "saved":
            self.judge_saved(attempt)
        elif attempt.result.code == 0 and not attempt.is_disturbed:
            left = self.law(attempt.after).creates
            check(not left, "it says done, and has not created %s", sorted(left))

    def judge_code(self, attempt, refused):
        """An exit code says what happened."""
        good = {0}
        if attempt.hits:
            good |= {3, 69, 75}
        if sum(request["status"] == 401 for request in attempt.requests) > 1:
            good |= {77}  # a token more is tried once
        if attempt.is_disturbed:
            good |= {3}
        if refused:
            good |= {3, 65}
        if attempt.after.locks or "--limit-hourly" in self.setting.options:
            good |= {3, 75}
        if attempt.applies and self.setting.how == "saved":
            good |= {4}
        for result in filter(None, (attempt.result, attempt.rival)):
            check(result.killed or result.code in good, "hsmctl %s: exit code %d is not one of %s: %s",
                  result.arguments, result.code, sorted(good), result.err[-1500:])

    def judge_requests(self, attempt):
        """Every write, done or not, is one that the law has for some moment of the run. Whether the API refused
        some for its category."""
        states = attempt.states + (self.saved if attempt.applies else [])
        if attempt.rival:  # the one may see what the other has made
            states.append(attempt.after.with_those_of(attempt.before))
        plans = [self.law(state) for state in states]
        sent, refused = {}, False
        for request in attempt.requests:
            match = TEMPLATES.fullmatch(request["path"])
            if request["method"] == "GET" or not match:
                continue
            check(attempt.applies, "a plan writes: %s %s", request["method"], request["path"])
            if request["method"] == "DELETE":
                self.judge_delete(match[1], states, plans)
                continue
            body = json.loads(request["body"])
            key = body["name"], body["language"]
            self.judge_create(body, plans)
            # A 401 and a 429 say that nothing was done; and somebody else at the same time submits it, too.
            sent[key] = sent.get(key, 0) + (request["status"] not in (401, 429))
            check(sent[key] <= 1 + bool(attempt.rival), "%s %s is submitted twice in a run", *key)
            if request["status"] == 400:
                refused = True
                check(attempt.after.clashes(body["name"], body["category"]), "%s %s is submitted and refused", *key)
        return refused

    @staticmethod
    def judge_create(body, plans):
        key = body["name"], body["language"]
        wanted = [plan.creates[key] for plan in plans if key in plan.creates]
        check(wanted, "%s %s is submitted, and the law has no such create: %s", *key,
              [sorted(plan.creates) for plan in plans])
        submitted = body["category"], canonical(body["components"])
        check(any((create.category, create.content) == submitted for create in wanted),
              "%s %s is submitted with other content than git's", *key)

    def judge_delete(self, identity, states, plans):
        template = next((state.ids[identity] for state in states if identity in state.ids), None)
        check(template, "it deletes %s, which is not there", identity)
        name, language, content = template["name"], template["language"], template["content"]
        base = split(name)[0]
        check(self.setting.prune, "it deletes %s %s without --prune", name, language)
        check(any((name, language) in plan.removals and not plan.waits for plan in plans),
              "it deletes %s %s, and the law does not", name, language)
        check(self.world.history.find(base, language, content),
              "it deletes %s %s, whose content no commit ever had", name, language)
        git = self.world.desired[base].wanted.get(language) if base in self.world.desired else None
        if template["status"] == "APPROVED" and git:
            successors = [other for state in states for other in state.templates if other["language"] == language and
                          (other["content"], other["status"]) == (git.content, "APPROVED")]
            check(successors, "it deletes the approved %s %s, which has no successor", name, language)

    def judge_saved(self, attempt):
        """A saved plan is a whole file or none; and it is done as it was, or not at all."""
        result = attempt.result
        if not attempt.applies:
            check(os.path.exists(self.plan_file) or result.code != 0, "plan --out wrote nothing")
            if os.path.exists(self.plan_file):
                self.saved = attempt.states
                shown = Hsmctl(self.repository, "show", self.plan_file, "-f", "json").wait()
                check(shown.code == 0, "the plan file is not whole: %s", shown.err)
            return
        writes = [request for request in attempt.requests
                  if request["method"] != "GET" and request["path"] != "/oauth/token"]
        certain = not attempt.is_disturbed and len(self.saved) == 2
        stale = self.is_stale(attempt.before) if certain else None
        if result.code == 4:
            check(stale is not False, "the saved plan is called stale, and is not: %s", result.err)
            check(not writes or not certain, "a stale plan writes")
        elif result.code == 0 and certain:
            check(stale is not True, "a stale plan is applied")
            for key, create in self.law(self.saved[0]).creates.items():
                found = attempt.after.find(*key)
                check(found and found["content"] == create.content,
                      "the saved plan is applied, and %s %s is not there", *key)
        if result.code in (0, 4):
            self.forget_plan()

    def forget_plan(self):
        if self.saved:
            os.unlink(self.plan_file)
            self.saved = []

    def is_stale(self, now):
        """Whether anything that the saved plan touches moved; None: that is not easy to say."""
        saved = self.saved[0]
        plan = self.law(saved)
        if now.webhooks != saved.webhooks:
            return None

        def versions(snapshot, base, language):
            return {template["name"]: template["content"] for template in snapshot.templates
                    if (split(template["name"])[0], template["language"]) == (base, language)}

        for (name, language), create in plan.creates.items():
            old, new = versions(saved, create.base, language), versions(now, create.base, language)
            if new.get(name) == create.content:
                del new[name]
            if set(old) != set(new):
                return True
            if old != new:
                return None
        for key in plan.removals:
            old, new = saved.find(*key), now.find(*key)
            if new and not plan.waits and (new["id"], new["content"]) != (old["id"], old["content"]):
                return True
        return False

    # -- until it is done -------------------------------------------------

    @staticmethod
    def find_stuck(plan, snapshot):
        """What the API refuses at every apply: a pinned language of a version whose others a review moved."""
        return {key for key, create in plan.creates.items() if snapshot.clashes(key[0], create.category)}

    def finish(self):
        """Undisturbed, it comes to its end; where a name is locked or the hour is full, once that is over."""
        for _ in range(RUNS_MAXIMUM):
            attempt = self.attempt()
            plan, code = self.law(attempt.after), attempt.result.code
            stuck = self.find_stuck(plan, attempt.after)
            # A name without _v1 may be git's to delete once _v1 is gone.
            going = plan.removals and not plan.waits and not stuck
            if attempt.applies and set(plan.creates) == stuck and (code == 0 or stuck) and not going:
                self.counts["stuck"] += bool(stuck)
                return
            if code not in (0, 4):
                check(code in (3, 65, 75) and (set(plan.creates) & attempt.after.locks or stuck or
                                               self.setting.options or self.moves_categories()),
                      "undisturbed, it does not come to its end: %d %s", code, attempt.result.err)
                self.emulator.advance(31 * DAY if attempt.after.locks else 3600)
                self.forget_plan()  # a person plans anew
        check(False, "it does not come to its end in %d runs", RUNS_MAXIMUM)

    def moves_categories(self):
        return self.edited or any("category" in rule for rule in self.setting.rules)

    def conclude_reviews(self):
        rng = random.Random("reviews %s" % self.seed)
        decisions = [({"status": "APPROVED"}, 8), ({"status": "REJECTED", "reason": "SCAM"}, 1),
                     ({"status": "APPROVED", "category": "MARKETING"}, 0.5)]
        for template in self.ours(self.look()):
            if template["status"] in ("PENDING", "IN_REVIEW"):
                self.decide(template, choose(rng, decisions))

    # -- what must hold at the end ----------------------------------------

    def check_plan(self, command):
        """An undisturbed plan, or drift, says what the law says: (the law's plan, rows of webhooks)."""
        prune = self.setting.prune and command == "plan"
        arguments = ["plan", "--detailed-exitcode"] if command == "plan" else ["drift"]
        result = Hsmctl(self.repository, *arguments, "-f", "json", *(["--prune"] if prune else [])).wait()
        check(result.code in (0, 2), "%s fails: %d %s", command, result.code, result.err)
        snapshot, changes = self.look(), result.json()["changes"]
        plan, hooks = self.law(snapshot, prune), self.webhook_rows(snapshot, prune)
        got = {(change["action"], change["name"], language) for change in changes
               if change["kind"] == "template" for language in change["languages"]}
        check(got == plan.rows, "%s: it says %s, the law says %s", command, sorted(got - plan.rows),
              sorted(plan.rows - got))
        got_hooks = {(change["action"], change["name"]) for change in changes if change["kind"] == "webhook"}
        check(got_hooks == hooks, "%s: it says of webhooks %s, the law says %s", command, sorted(got_hooks),
              sorted(hooks))
        check(result.code == (2 if plan.differs or hooks else 0), "%s: exit code %d, and the rows are %s", command,
              result.code, sorted(got))
        return plan, hooks

    def webhook_rows(self, snapshot, prune):
        def describe(webhook):
            return webhook["url"], sorted(webhook["events"]), webhook["enabled"]

        rows, names = set(), {webhook["name"] for webhook in self.world.webhooks}
        for webhook in self.world.webhooks:
            live = next((row for row in snapshot.webhooks if row["name"] == webhook["name"]), None)
            if not live:
                rows.add(("create", webhook["name"]))
            elif describe(live) != describe(webhook):
                rows.add(("update", webhook["name"]))
        every = {webhook["name"] for commit in self.world.commits + self.world.repository.side
                 for webhook in commit.webhooks}
        gone = {("delete", row["name"]) for row in snapshot.webhooks if row["name"] in every - names}
        return rows | gone if prune else rows

    def check_end(self):
        plan, hooks = self.check_plan("plan")
        snapshot = self.look()
        stuck = self.find_stuck(plan, snapshot)
        waiting = set(plan.removals) if plan.waits else set()
        left = {(name, language) for action, name, language in plan.rows if action not in SETTLED}
        check(left <= stuck | waiting, "something is left to do: %s", sorted(left))
        check(not hooks or stuck, "webhooks are left to do: %s", sorted(hooks))
        self.check_live(plan, snapshot)
        for webhook in self.world.webhooks:
            count = sum(row["name"] == webhook["name"] for row in snapshot.webhooks)
            # The API takes a name twice, so two that apply at once may both register it.
            most = 1 + any(trouble["kind"] == "rival" for trouble in self.troubles)
            check(1 <= count <= most or stuck, "the webhook %s is there %d times", webhook["name"], count)
        made = sorted((template["name"], template["language"]) for template in self.created.values())
        check(self.edited or len(made) == len(set(made)), "something was created twice: %s", made)
        least = sorted(set(self.first.creates) - stuck)
        # A review that moves a version's first language gives the next ones another number, and no more of them.
        equal = made == least if not self.moves_categories() else self.edited or len(made) == len(least)
        check(equal, "created %s, and the least that does is %s", made, least)

    def check_live(self, plan, snapshot):
        """What no row tells of is live as git says, and approved."""
        told = {(split(name)[0], language) for _, name, language in plan.rows}
        live = {(split(row["name"])[0], row["language"], row["content"], row["category"])
                for row in snapshot.templates if row["status"] == "APPROVED"}
        for base, template in self.world.desired.items():
            for language, wanted in template.wanted.items():
                check((base, language) in told or (base, language, wanted.content, template.category) in live,
                      "%s %s is not as git says, and no plan says so", base, language)

    def check_noise(self):
        """Thirty days on which the server says the same in other bytes: no drift of that."""
        self.emulator.arm(["*:/api/*:noise"])
        days = 1 if self.seed % 10 == 0 else 15
        for _ in range(0, 30, days):
            self.emulator.advance(days * DAY)
            self.check_plan("drift")
            self.counts["noisy days"] += days
