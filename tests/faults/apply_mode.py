"""hsmctl apply in a bad world, until it says done; then everything that must hold."""
import json
import os
import random
import re

from law import split
from programs import Hsmctl, check
from simulation import DAY, Simulation, choose
from texts import canonical

HOLD = 3_600_000  # milliseconds that a request is held back; the clock is moved on to let it go
RUNS_MAXIMUM = 14
TEMPLATES = re.compile(r"/api/v2/messaging/providers/[^/]+/templates(?:/([^/]+))?")

# What may go wrong with a request. Most hit a certain one of a run, by METHOD:PATH.
PLACES = [("POST:/oauth/token", 1), ("GET:*/providers", 1), ("GET:*/templates*", 3), ("POST:*/templates", 8),
          ("DELETE:*/templates/*", 2), ("*:*/webhooks*", 2), ("*:*", 4)]
KINDS = [("reset-before", 4), ("reset-after", 6), ("truncate", 4), ("status=503", 2), ("status=500", 1), ("status=502", 1),
         ("status-after=500", 3), ("status-after=504", 2), ("429", 2), ("429=1", 0.3), ("html=200", 2), ("html=502", 2),
         ("garbage", 3), ("expire-token", 3), ("slow=40000", 0.5), ("delay=30", 2), ("deep=2000", 1), ("huge=20000000", 0.2)]
LISTINGS = ["shift-listing=insert", "shift-listing=total", "shift-listing=delete"]


class Setting:
    """What the seed decides beside the world."""

    def __init__(self, seed, world):
        self.rng = rng = random.Random("apply %s" % seed)
        self.review = choose(rng, [("approve", 5), ("manual", 3), ("script", 2)])
        self.rules = []
        if self.review == "script":
            for base in rng.sample(sorted(world.desired), rng.randint(1, max(1, len(world.desired)))) if world.desired else []:
                language = rng.choice(["*"] + sorted(world.desired[base].wanted))
                self.rules.append({"name": base + "_v*", "language": language, **rng.choice([
                    {"status": "REJECTED", "reason": "PROMOTIONAL"}, {"status": "APPROVED", "category": "MARKETING"},
                    {"status": "IN_REVIEW"}])})
        self.prune = rng.random() < 0.4
        self.how = choose(rng, [("tree", 5), ("rev", 2), ("saved", 3)])
        self.edits = rng.random() < 0.45
        self.parallelism = rng.choice([1, 2, 8])
        self.noisy = rng.random() < 0.25
        self.options = []
        for chance, option in ((0.05, ["--limit-hourly", "3"]), (0.1, ["--token-lifetime", "3000"]), (0.02, ["--rate", "15/s"])):
            if rng.random() < chance:
                self.options += option
        self.troubles = self.make_troubles(world)

    def describe(self):
        return "review %s, %s%s, parallelism %d, options %s%s" % (
            self.review, self.how, " --prune" if self.prune else "", self.parallelism, self.options, ", noisy" if self.noisy else "")

    def make_troubles(self, world):
        rng, runs = self.rng, self.rng.randint(1, 3)
        requests = 4 + len(world.plan(world.live).creates)
        troubles = []
        for _ in range(rng.randint(1, 6)):
            kind = choose(rng, [("fault", 6), ("kill", 3), ("clock", 0.5)] + ([("edit", 4), ("advance", 1)] if self.edits else []))
            trouble = {"run": rng.randrange(runs), "kind": kind}
            if kind == "fault":
                trouble["spec"] = self.make_fault(world)
            elif kind == "kill":
                trouble["at"] = rng.randint(1, 3 * requests)
            elif kind == "clock":
                trouble["seconds"] = rng.choice([-10 ** 7, -3600, 300, 3600, 10 ** 7])
            else:
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
        selector = rng.choice(["at=%d" % rng.randint(1, 4), "at=%d" % rng.randint(1, 2), "times=%d" % rng.choice([1, 2, 6])])
        place, kind = choose(rng, PLACES), choose(rng, KINDS)
        if kind == "expire-token" and place in ("*:*", "POST:/oauth/token"):
            place = "*:/api/*"  # there is none to expire before there is one
        return "%s:%s:%s" % (place, kind, selector)


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
        self.check_noise()

    # -- one run of hsmctl ------------------------------------------------

    def arguments(self):
        setting = self.setting
        prune = ["--prune"] if setting.prune else []
        if setting.how == "saved" and not os.path.exists(self.plan_file):
            return ["plan", "--out", self.plan_file, *prune]
        if setting.how == "saved":
            return ["apply", self.plan_file]
        return ["apply", *prune] + (["--rev", "HEAD"] if setting.how == "rev" else [])

    def attempt(self, troubles=()):
        """Runs hsmctl once, with these troubles, and checks what it did. Its result."""
        setting, arguments = self.setting, self.arguments()
        by_kind = {kind: [trouble for trouble in troubles if trouble["kind"] == kind]
                   for kind in ("fault", "kill", "clock", "edit", "advance")}
        others = by_kind["edit"] + by_kind["advance"]
        for trouble in others:
            if not trouble["hold"]:
                self.interfere(trouble)
        before = self.look()
        holds = sorted((trouble for trouble in others if trouble["hold"]), key=lambda trouble: trouble["hold"])
        specs = ["*:*:delay=%d:at=%d" % (HOLD, trouble["hold"]) for trouble in holds]
        specs += [trouble["spec"] for trouble in by_kind["fault"]] + (["*:/api/*:noise"] if setting.noisy else [])
        self.emulator.admin("DELETE", "requests")
        self.emulator.arm(specs)
        process = Hsmctl(self.repository, *arguments, *(["--yes"] if arguments[0] == "apply" else []), "--parallelism",
                         str(1 if holds else setting.parallelism),
                         kill_at=min((trouble["at"] for trouble in by_kind["kill"]), default=0),
                         clock=sum(trouble["seconds"] for trouble in by_kind["clock"]))
        states, theirs = [before], set()
        for trouble, spec in zip(holds, specs):
            if not self.wait_for_hold(process, spec):
                break
            known = self.look()
            self.interfere(trouble)
            states += [known, self.look()]
            theirs |= set(states[-1].ids) ^ set(known.ids)
            self.emulator.advance(HOLD // 1000)
        result = process.wait()
        armed = self.emulator.admin("GET", "faults")
        self.emulator.arm([])
        states.append(self.look())
        requests = self.emulator.requests()
        self.log("%s: exit %d%s; %s", result.arguments, result.code, " (killed)" if result.killed else "",
                 [spec for spec in specs + ["kill at %d" % trouble["at"] for trouble in by_kind["kill"]]])
        for request in requests:
            if request["method"] != "GET" or request.get("fault"):
                self.log("    %s %s %s %s", request["method"], request["path"], request["status"], request.get("fault", ""))
        for line in result.err.splitlines():
            if "warning" not in line or "error" in line:
                self.log("    %s", line)
        self.counts["runs"] += 1
        self.counts["kills"] += result.killed
        self.counts["faults"] += sum(fault["hits"] for fault in armed if ":noise" not in fault["fault"])
        self.judge(result, arguments, states, theirs, requests, armed, troubles)
        return result

    # -- what must hold of each run ---------------------------------------

    def judge(self, result, arguments, states, theirs, requests, armed, troubles):
        before, after = states[0], states[-1]
        kinds = {trouble["kind"] for trouble in troubles}
        self.edited |= any("shift-listing=delete" in fault["fault"] and fault["hits"] for fault in armed)
        plans = [self.law(state) for state in states + (self.saved if arguments[0] == "apply" else [])]
        self.refused = False
        self.judge_requests(requests, states, plans, arguments)
        self.judge_code(result, arguments, armed, kinds, requests)
        for identity, template in {**states[-2].ids, **after.ids}.items():
            if identity not in before.ids and identity not in theirs and not template["name"].startswith("emulator_shift"):
                check(arguments[0] == "apply", "a plan created %s", template["name"])
                self.created[identity] = template
        if self.setting.how == "saved":
            self.judge_saved(result, arguments, states, requests)
        elif result.code == 0 and "edit" not in kinds:
            left = self.law(after).creates
            check(not left, "it says done, and has not created %s", sorted(left))

    def judge_code(self, result, arguments, armed, kinds, requests):
        if result.killed:
            check("kill" in kinds, "hsmctl was killed by nobody")
            return
        hits = sum(fault["hits"] for fault in armed if ":noise" not in fault["fault"] and ":delay=" not in fault["fault"])
        good = {0}
        if hits:
            good |= {3, 69, 75}
        if sum(request["status"] == 401 for request in requests) > 1:
            good |= {77}  # a token more is tried once
        if kinds & {"edit"}:
            good |= {3}
        if self.refused:
            good |= {3, 65}
        if self.after_lock() or "--limit-hourly" in self.setting.options:
            good |= {3, 75}
        if arguments[0] == "apply" and self.setting.how == "saved":
            good |= {4}
        check(result.code in good, "hsmctl %s: exit code %d is not one of %s: %s", result.arguments, result.code, sorted(good), result.err[-1500:])

    def moves_categories(self):
        return self.edited or any("category" in rule for rule in self.setting.rules)

    def after_lock(self):
        return bool(self.look().locks)

    def judge_requests(self, requests, states, plans, arguments):
        """Every write, done or not, is one that the law has for some moment of the run."""
        sent = {}
        for request in requests:
            match = TEMPLATES.fullmatch(request["path"])
            if request["method"] == "GET" or not match:
                continue
            check(arguments[0] == "apply", "a plan writes: %s %s", request["method"], request["path"])
            if request["method"] == "POST":
                body = json.loads(request["body"])
                key = body["name"], body["language"]
                wanted = [plan.creates[key] for plan in plans if key in plan.creates]
                check(wanted, "%s %s is submitted, and the law has no such create: %s", *key, [sorted(plan.creates) for plan in plans])
                check(any((create.category, create.content) == (body["category"], canonical(body["components"])) for create in wanted),
                      "%s %s is submitted with other content than git's", *key)
                # A 401 and a 429 say that nothing was done.
                check(sent.get(key, 401) in (401, 429), "%s %s is submitted twice in a run", *key)
                sent[key] = request["status"]
                if request["status"] == 400:
                    check(self.clashes(states[-1], body["name"], body["category"]), "%s %s is submitted and refused", *key)
                    self.refused = True
            else:
                self.judge_delete(match[1], states, plans)

    def judge_delete(self, identity, states, plans):
        template = next((state.ids[identity] for state in states if identity in state.ids), None)
        check(template, "it deletes %s, which is not there", identity)
        name, language = template["name"], template["language"]
        base = split(name)[0]
        check(self.setting.prune, "it deletes %s %s without --prune", name, language)
        check(any((name, language) in plan.removals and not plan.waits for plan in plans),
              "it deletes %s %s, and the law does not", name, language)
        check(self.world.history.find(base, language, template["content"]), "it deletes %s %s, whose content no commit ever had", name, language)
        if template["status"] == "APPROVED" and base in self.world.desired and language in self.world.desired[base].wanted:
            content = self.world.desired[base].wanted[language].content
            check(any(other["content"] == content and other["status"] == "APPROVED" and other["language"] == language
                      for state in states for other in state.templates),
                  "it deletes the approved %s %s, which has no successor", name, language)

    def judge_saved(self, result, arguments, states, requests):
        """A saved plan is a whole file or none; and it is done as it was, or not at all."""
        if arguments[0] == "plan":
            check(os.path.exists(self.plan_file) or result.code != 0, "plan --out wrote nothing")
            if os.path.exists(self.plan_file):
                self.saved = states
                shown = Hsmctl(self.repository, "show", self.plan_file, "-f", "json").wait()
                check(shown.code == 0, "the plan file is not whole: %s", shown.err)
            return
        writes = [request for request in requests if request["method"] in ("POST", "PUT", "DELETE") and request["path"] != "/oauth/token"]
        edited = len(states) > 2 or len(self.saved) > 2
        stale = self.is_stale(states[0])
        if result.code == 4 and not edited:
            check(stale is not False, "the saved plan is called stale, and is not: %s", result.err)
            check(not writes or stale is None, "a stale plan writes")
        elif result.code == 0 and not edited:
            check(stale is not True, "a stale plan is applied")
            for key, create in self.law(self.saved[0]).creates.items():
                found = states[-1].find(*key)
                check(found and found["content"] == create.content, "the saved plan is applied, and %s %s is not there", *key)
        if result.code in (0, 4):
            os.unlink(self.plan_file)
            self.saved = []

    def is_stale(self, now):
        """Whether anything that the saved plan touches moved; None: that is not easy to say."""
        saved = self.saved[0]
        plan = self.law(saved)
        if now.webhooks != saved.webhooks:
            return None
        for (name, language), create in plan.creates.items():
            def versions(snapshot):
                return {template["name"]: template["content"] for template in snapshot.templates
                        if split(template["name"])[0] == create.base and template["language"] == language}
            old, new = versions(saved), versions(now)
            if new.get(name) == create.content:
                del new[name]
            if set(old) != set(new):
                return True
            if old != new:
                return None
        for name, language in plan.removals:
            old, new = saved.find(name, language), now.find(name, language)
            if new and not plan.waits and (new["id"], new["content"]) != (old["id"], old["content"]):
                return True
        return False

    # -- until it is done -------------------------------------------------

    def finish(self):
        """Undisturbed, it comes to its end; where a name is locked or the hour is full, once that is over."""
        for _ in range(RUNS_MAXIMUM):
            result = self.attempt()
            after = self.look()
            left = self.law(after).creates
            stuck = {key for key, create in left.items() if self.clashes(after, key[0], create.category)}
            if result.arguments.startswith("apply") and set(left) == stuck and (result.code == 0 or stuck):
                return
            if result.code in (3, 65, 75):
                check(set(left) & after.locks or "--limit-hourly" in self.setting.options or self.refused,
                      "undisturbed, it does not come to its end: %d %s", result.code, result.err)
                self.emulator.advance(31 * DAY if after.locks else 3600)
                if self.saved:
                    os.unlink(self.plan_file)  # a person plans anew
                    self.saved = []
        check(False, "it does not come to its end in %d runs", RUNS_MAXIMUM)

    def conclude_reviews(self):
        rng = random.Random("reviews %s" % self.seed)
        for template in self.ours(self.look()):
            if template["status"] in ("PENDING", "IN_REVIEW"):
                self.decide(template, choose(rng, [({"status": "APPROVED"}, 8), ({"status": "REJECTED", "reason": "SCAM"}, 1),
                                                   ({"status": "APPROVED", "category": "MARKETING"}, 0.5)]))

    # -- what must hold at the end ----------------------------------------

    def check_plan(self, command):
        """An undisturbed plan, or drift, says what the law says."""
        prune = self.setting.prune and command == "plan"
        arguments = ["plan", "--detailed-exitcode"] if command == "plan" else ["drift"]
        result = Hsmctl(self.repository, *arguments, "-f", "json", *(["--prune"] if prune else [])).wait()
        snapshot = self.look()
        plan = self.world.plan([template for template in snapshot.templates if template["content"] in self.world.contents], prune)
        changes = result.json()["changes"] if result.code in (0, 2) else []
        check(result.code in (0, 2), "%s fails: %d %s", command, result.code, result.err)
        got = {(change["action"], change["name"], language) for change in changes if change["kind"] == "template"
               for language in change["languages"]}
        check(got == plan.rows, "%s: it says %s, the law says %s", command, sorted(got - plan.rows), sorted(plan.rows - got))
        hooks = {(change["action"], change["name"]) for change in changes if change["kind"] == "webhook"}
        wanted = self.webhook_rows(snapshot, prune)
        check(hooks == wanted, "%s: it says of webhooks %s, the law says %s", command, sorted(hooks), sorted(wanted))
        check(result.code == (2 if plan.differs or wanted else 0), "%s: exit code %d, and the rows are %s", command, result.code, sorted(got))
        return plan, wanted

    def webhook_rows(self, snapshot, prune):
        rows, names = set(), {webhook["name"] for webhook in self.world.webhooks}
        if not (self.world.webhooks or prune):
            return rows
        for webhook in self.world.webhooks:
            live = next((row for row in snapshot.webhooks if row["name"] == webhook["name"]), None)
            if not live:
                rows.add(("create", webhook["name"]))
            elif (live["url"], sorted(live["events"]), live["enabled"]) != (webhook["url"], sorted(webhook["events"]), webhook["enabled"]):
                rows.add(("update", webhook["name"]))
        every = {webhook["name"] for commit in self.world.commits + self.world.repository.side for webhook in commit.webhooks}
        if prune:
            rows |= {("delete", row["name"]) for row in snapshot.webhooks if row["name"] in every - names}
        return rows

    def check_end(self):
        plan, webhooks = self.check_plan("plan")
        left = {row for row in plan.rows if row[0] not in ("wait", "reuse", "blocked", "conflict", "recategorised")}
        snapshot = self.look()
        stuck = {(create.action, *key) for key, create in plan.creates.items() if self.clashes(snapshot, key[0], create.category)}
        waiting = {(action, *key) for key, action in plan.removals.items() if plan.waits}
        check(left <= stuck | waiting, "something is left to do: %s", sorted(left))
        check(not webhooks or stuck, "webhooks are left to do: %s", sorted(webhooks))
        shown = {(split(name)[0], language) for _, name, language in plan.rows}
        for base, template in self.world.desired.items():
            for language, wanted in template.wanted.items():
                check((base, language) in shown or
                      any(split(live["name"])[0] == base and (live["language"], live["content"], live["category"], live["status"]) ==
                          (language, wanted.content, template.category, "APPROVED") for live in snapshot.templates),
                      "%s %s is not as git says, and no plan says so", base, language)
        for webhook in self.world.webhooks:
            count = sum(row["name"] == webhook["name"] for row in snapshot.webhooks)
            check(count == 1 or stuck, "the webhook %s is there %d times", webhook["name"], count)
        made = sorted((template["name"], template["language"]) for template in self.created.values())
        check(self.edited or len(made) == len(set(made)), "something was created twice: %s", made)
        least = sorted(key for key in self.first.creates if ("create", *key) not in stuck and ("replace", *key) not in stuck)
        if not self.moves_categories():
            check(made == least, "created %s, and the least that does is %s", made, least)
        elif not self.edited:
            check(len(made) == len(least), "created %s, and the least that does is %s", made, least)

    def check_noise(self):
        """Thirty days on which the server says the same in other bytes: no drift of that."""
        self.emulator.arm(["*:/api/*:noise"])
        days = 1 if self.seed % 10 == 0 else 15
        for _ in range(0, 30, days):
            self.emulator.advance(days * DAY)
            self.check_plan("drift")
