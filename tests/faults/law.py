"""The law of reconciliation as a model: what a plan must say of a repository's
history and a live state. Written from the law's table, not from hsmctl's code, so
that the two can be held against each other. No I/O.

A live template is a dict: id, name, language, category, status, content (canonical
text, see texts.canonical). A translation that git wants has content, names (of its
parameters) and a pinned number or None.
"""
import re
from collections import defaultdict, namedtuple

BURNT = {"REJECTED", "DISABLED", "PENDING_DELETION", "DELETED"}
WAITING = {"PENDING", "IN_REVIEW", "IN_APPEAL", "PAUSED"}
WAS_APPROVED = {"APPROVED", "PAUSED", "DISABLED"}
KEEP_DEFAULT = 2

Wanted = namedtuple("Wanted", "content names pinned signature")
Entry = namedtuple("Entry", "content category names pinned age")
Version = namedtuple("Version", "number live")
Create = namedtuple("Create", "action base category content")
SUFFIX = re.compile(r"(.+)_v([1-9][0-9]{0,5})")


def split(name):
    match = SUFFIX.fullmatch(name)
    return (match[1], int(match[2]), True) if match else (name, 1, False)


def find_versions(live):
    """{(base, language): its versions by number}. A name without a suffix is version 1
    of its base, unless that is live in its language, too: then nobody manages it."""
    split_names = [(split(template["name"]), template) for template in live]
    firsts = {(base, template["language"]) for (base, number, suffix), template in split_names
              if suffix and number == 1}
    versions = defaultdict(list)
    for (base, number, suffix), template in split_names:
        if suffix or (base, template["language"]) not in firsts:
            versions[base, template["language"]].append(Version(number, template))
    for found in versions.values():
        found.sort(key=lambda version: version.number)
    return dict(versions)


class History:
    """What commits had of each translation, newest first."""

    def __init__(self, *lines):
        """lines of commits, that of HEAD first, each newest first: what each commit
        wanted, {base: template}; a template has category and wanted: {language: Wanted}."""
        self.entries = defaultdict(list)
        self.bases = set()
        age = 0
        for line in lines:
            for commit in line:
                for base, template in commit.items():
                    self.bases.add(base)
                    for language, wanted in template.wanted.items():
                        self._add(base, language, wanted, template.category, age)
                age += 1
            age += 1

    def _add(self, base, language, wanted, category, age):
        """The age of an entry is that of the commit that brought it: the last of those
        in a row that say the same."""
        entries = self.entries[base, language]
        entry = Entry(wanted.content, category, wanted.names, wanted.pinned, age)
        if entries and entries[-1][:4] == entry[:4] and entries[-1].age == age - 1:
            entries[-1] = entry
        else:
            entries.append(entry)

    def find(self, base, language, content):
        for entry in self.entries.get((base, language), ()):
            if entry.content == content:
                return entry
        return None

    def has_category(self, base, language, content, category):
        return any(entry.content == content and entry.category == category
                   for entry in self.entries.get((base, language), ()))


class State:
    """What one translation's live versions come to."""

    def __init__(self):
        self.versions, self.held = [], []
        self.target = self.basis = self.active = self.previous = None
        self.breaks = False

    def is_held(self, version):
        return self.held[self.versions.index(version)]


class Plan:
    def __init__(self):
        self.rows = set()     # (action, name, language)
        self.creates = {}     # {(name, language): Create}
        self.removals = {}    # {(name, language): "delete" or "retire"}
        self.unsettled = 0    # translations of git that are not APPROVED

    @property
    def waits(self):
        """Whether what would go must wait for what is to come."""
        return self.unsettled > 0

    @property
    def differs(self):
        return any(row[0] not in ("wait", "reuse") for row in self.rows)


class Planner:
    def __init__(self, desired, live, history, signatures):
        """signatures: {content: function of names that gives its signature}"""
        self.desired, self.history, self.signatures = desired, history, signatures
        self.versions = find_versions(live)

    # -- versions ---------------------------------------------------------

    def highest(self, base):
        return max((found[-1].number for (other, _), found in self.versions.items() if other == base), default=0)

    def signature(self, base, language, content):
        wanted = self.desired[base].wanted.get(language) if base in self.desired else None
        if wanted and wanted.content == content:
            return self.signatures[content](wanted.names)
        entry = self.history.find(base, language, content)
        return self.signatures[content](entry.names if entry else None)

    def is_foreign(self, base, language, live):
        """Whether its category is one that no line in git accepts."""
        template = self.desired[base]
        if live["content"] == template.wanted[language].content:
            return live["category"] != template.category
        return (self.history.find(base, language, live["content"]) is not None and
                not self.history.has_category(base, language, live["content"], live["category"]))

    def judge_language(self, base, language):
        template, state = self.desired[base], State()
        wanted = template.wanted[language]
        state.versions = self.versions.get((base, language), [])
        equal = [version for version in state.versions if version.live["content"] == wanted.content and
                 wanted.pinned in (None, version.number)]
        usable = [version for version in equal if version.live["status"] not in BURNT]
        state.target = (usable or equal or [None])[-1]
        basis = None
        for version in state.versions:
            held = self.is_foreign(base, language, version.live)
            if basis and not held and not template.accepts(version.number):
                held = breaks(self.signature(base, language, basis.live["content"]),
                              self.signature(base, language, version.live["content"]))
            state.held.append(held)
            if not held and version.live["status"] in WAS_APPROVED:
                basis = version
        limit = state.target.number if state.target else wanted.pinned or 10 ** 9
        for version, held in zip(state.versions, state.held):
            if version.number < limit and not held and version.live["status"] in WAS_APPROVED:
                state.basis = version
        if state.basis:
            state.breaks = breaks(self.signature(base, language, state.basis.live["content"]), wanted.signature)
        return state

    def group_number(self, base, language, state):
        """The number under which a translation changes, or changed."""
        if state.target:
            return state.target.number
        if self.desired[base].wanted[language].pinned:
            return self.desired[base].wanted[language].pinned
        highest = self.highest(base)
        return highest + 1 if state.versions and state.versions[-1].number == highest else highest

    def judge(self, base):
        states = {language: self.judge_language(base, language) for language in self.desired[base].wanted}

        def can_use(state):
            return (state.target is not None and state.target.live["status"] == "APPROVED" and
                    not state.is_held(state.target))

        for state in states.values():
            moves = can_use(state) and not (state.breaks and any(
                other.breaks and self.group_number(base, language, other) == state.target.number and
                not can_use(other) for language, other in states.items()))
            usable = [version for version, held in zip(state.versions, state.held)
                      if version.live["status"] == "APPROVED" and not held]
            if moves:
                state.active = state.target
            else:
                fit = [version for version in usable if not (version is state.target and state.breaks)]
                state.active = fit[-1] if fit else None
            if state.active:
                others = [version for version in usable if version is not state.active]
                state.previous = others[-1] if others else None
        return states

    # -- the table --------------------------------------------------------

    def decide(self, base, language, state):
        """(action, version it is about); a create has none."""
        template = self.desired[base]
        wanted = template.wanted[language]
        target = state.target
        if target:
            status = target.live["status"]
            if status in BURNT:
                return "blocked", target
            if status in WAITING:
                return "wait", target
            if status != "APPROVED":
                return "blocked", target
            if target.live["category"] != template.category:
                return "recategorised", target
            return ("reuse", target) if target is not state.versions[-1] else (None, target)
        if wanted.pinned:
            taken = [version for version in state.versions if version.number == wanted.pinned]
            if taken:
                return "blocked", taken[0]
        if not state.versions:
            return "create", None
        if wanted.pinned:
            return "replace", None
        alive = [version for version in state.versions if version.live["status"] not in BURNT]
        if alive and not self.history.find(base, language, alive[-1].live["content"]):
            return "conflict", alive[-1]
        return "replace", None

    def number(self, base, states, changing):
        """One number for all languages that change without a pin: N where none of
        them has it, its category is git's, and a replace was in git already when
        another language got N: that is what a killed apply left."""
        template, highest = self.desired[base], self.highest(base)
        if not highest:
            return 1
        ages = [self.age(base, language) for language, state in states.items()
                if state.target and state.target.number == highest]
        youngest = min(ages, default=10 ** 9)
        for language, action in changing.items():
            if any(version.number == highest for version in states[language].versions):
                return highest + 1
            if action == "replace" and self.age(base, language) < youngest:
                return highest + 1
        categories = {version.live["category"] for (other, _), found in self.versions.items() if other == base
                      for version in found if version.number == highest}
        return highest if categories == {template.category} else highest + 1

    def age(self, base, language):
        """How many commits ago git began to say what it says."""
        return self.history.find(base, language, self.desired[base].wanted[language].content).age

    def plan_template(self, base, plan, prune):
        template = self.desired[base]
        states = self.judge(base)
        decisions = {language: self.decide(base, language, state) for language, state in states.items()}
        changing = {language: action for language, (action, _) in decisions.items()
                    if action in ("create", "replace") and not template.wanted[language].pinned}
        number = self.number(base, states, changing) if changing else None
        for language, (action, version) in decisions.items():
            wanted = template.wanted[language]
            if action in ("create", "replace"):
                name = "%s_v%d" % (base, wanted.pinned or number)
                plan.creates[name, language] = Create(action, base, template.category, wanted.content)
                plan.rows.add((action, name, language))
            elif action:
                plan.rows.add((action, version.live["name"], language))
            if prune:
                self.retire(base, language, states[language], plan)

    # -- what may go ------------------------------------------------------

    def may_go(self, base, language, live):
        return (live["status"] not in ("PENDING_DELETION", "DELETED") and
                self.history.find(base, language, live["content"]) is not None)

    def retire(self, base, language, state, plan):
        for version in state.versions[:max(0, len(state.versions) - self.desired[base].keep)]:
            if (version not in (state.target, state.active, state.previous) and
                    self.may_go(base, language, version.live)):
                plan.removals[version.live["name"], language] = "retire"

    def delete(self, plan):
        for (base, language), found in self.versions.items():
            if base in self.desired and language in self.desired[base].wanted:
                continue
            for version in found:
                if base in self.history.bases and self.may_go(base, language, version.live):
                    plan.removals[version.live["name"], language] = "delete"

    def is_settled(self, base, language):
        wanted = self.desired[base].wanted[language]
        return any(version.live["content"] == wanted.content and version.live["status"] == "APPROVED" and
                   wanted.pinned in (None, version.number) for version in self.versions.get((base, language), ()))

    def plan(self, prune=False):
        plan = Plan()
        for base, template in self.desired.items():
            plan.unsettled += sum(not self.is_settled(base, language) for language in template.wanted)
            self.plan_template(base, plan, prune)
        if prune:
            self.delete(plan)
            plan.rows |= {(action, name, language) for (name, language), action in plan.removals.items()}
        return plan


def breaks(old, new):
    """A signature is (media, parameters, buttons); parameters are per component
    (name or None, type, sample)."""
    if old[0] != new[0] or old[2] != new[2]:
        return True
    for mine, others in zip(old[1], new[1]):
        if len(mine) != len(others):
            return True
        for (name, kind, sample), (other_name, other_kind, other_sample) in zip(mine, others):
            if kind != other_kind:
                return True
            if name is None or other_name is None:
                if sample != other_sample:
                    return True
            elif name != other_name:
                return True
    return False
