"""From a seed: a repository's history, and an organisation's live state that came
of it. The same seed gives the same world.
"""
import datetime
import random

from law import History, Planner, split
from texts import LANGUAGES, Compiled, Parameter, Template, canonical, dump

BASES = ["order_confirmation", "promo", "survey_v", "a", "news_v0", "support_menu", "b2_v1x", "welcome",
         "delivery_9"]
STRANGERS = ["legal_notice", "other_team_v3", "x_v0", "camp_v01", "y_v1234567", "old_v2", "v7"]
PARAMETERS = ["order_id", "customer", "eta", "total", "city", "agent"]
ODD_STATUSES = ["PENDING", "IN_REVIEW", "IN_APPEAL", "PAUSED", "REJECTED", "DISABLED", "PENDING_DELETION",
                "ARCHIVED", "FROZEN"]
CATEGORIES = ["UTILITY", "MARKETING"]
HOOK = "whatsapp_template_lifecycle_handler"
PLAIN = "plain"  # without parameters, never edited: others fall back to it


class Commit:
    def __init__(self, templates, variables, webhooks, time):
        self.templates, self.variables, self.webhooks, self.time = templates, variables, webhooks, time

    def compile(self, signatures):
        return {base: Compiled(template, signatures) for base, template in self.templates.items()}


class Repository:
    """Grows a history, edit by edit."""

    def __init__(self, rng):
        self.rng = rng
        self.number = 0
        self.time = 1_700_000_000
        self.pinning = rng.choices(["never", "always", "sometimes"], [5, 3, 2])[0]
        self.templates, self.variables, self.webhooks = {}, {"brand": "Acme"}, []
        self.commits, self.side = [], []
        self.highest = {}  # the highest version that any commit ever had
        if rng.random() < 0.4:
            self.add_plain()
        for _ in range(rng.randint(1, 4)):
            self.add_template()
        if rng.random() < 0.3:
            self.change_webhooks()
        self.commit()
        for _ in range(rng.randint(1, 7)):
            for _ in range(rng.choices([1, 2, 3], [5, 3, 2])[0]):
                self.edit()
            self.commit()
        if rng.random() < 0.15:
            self.branch()

    def branch(self):
        """Another branch that is not merged: what it had, git had."""
        head = self.templates, self.variables, self.webhooks
        self.templates = {base: template.copy() for base, template in self.templates.items()}
        fork = len(self.commits)
        for _ in range(self.rng.randint(1, 2)):
            self.edit()
            self.commit()
        self.side, self.commits = self.commits[fork:], self.commits[:fork]
        self.templates, self.variables, self.webhooks = head

    def commit(self):
        # Clocks jump; a commit's time says nothing about its place.
        self.time += self.rng.choice([60, 3600, 86400, -7200])
        for template in self.templates.values():
            template.variables = dict(self.variables)
        copies = {base: template.copy() for base, template in self.templates.items()}
        self.commits.append(Commit(copies, dict(self.variables), list(self.webhooks), self.time))

    def fresh(self):
        self.number += 1
        return self.number

    # -- edits ------------------------------------------------------------

    def add_template(self):
        rng = self.rng
        free = [base for base in BASES if base not in self.templates]
        if not free:
            return
        template = Template(rng.choice(free))
        template.category = rng.choices(CATEGORIES, [4, 1])[0]
        template.decomposed = rng.random() < 0.3
        template.header = rng.choices([None, "text", "image"], [5, 3, 1])[0]
        template.footer = rng.choices([None, "plain", "variable"], [5, 2, 3])[0]
        template.replies = rng.sample(["YES", "NO", "LATER"], rng.choice([0, 0, 1, 2]))
        template.url = rng.random() < 0.15
        template.keep = rng.choice([None, None, None, 1, 3])
        template.publish = rng.random() < 0.15
        for name in rng.sample(PARAMETERS, rng.choices([0, 1, 2, 3], [2, 4, 3, 1])[0]):
            template.parameters[name] = self.make_parameter()
            template.body.append(name)
        if template.header == "text" and template.body and rng.random() < 0.3:
            template.header_parameter = template.body[0]
        if template.url and template.body and rng.random() < 0.5:
            template.url_parameter = template.body[-1]
        for language in rng.sample(LANGUAGES, rng.choices([1, 2, 3], [3, 4, 2])[0]):
            template.texts[language] = self.fresh()
        template.fallback = self.make_fallback()
        self.templates[template.base] = template
        self.pin(template, list(template.texts))

    def add_plain(self):
        template = Template(PLAIN)
        for language in self.rng.sample(LANGUAGES, 3):
            template.texts[language] = self.fresh()
        self.templates[PLAIN] = template
        self.pin(template, list(template.texts))

    def make_fallback(self):
        steps = [{"template": PLAIN}] if PLAIN in self.templates and self.rng.random() < 0.5 else []
        if self.rng.random() < 0.3:
            languages = self.rng.sample(LANGUAGES, 3)
            steps.append({"channel": "sms", "text": {language: "By SMS." for language in languages}})
        return steps

    def make_parameter(self):
        rng = self.rng
        kind = rng.choices(["TEXT", "DATE", "DATE_TIME", "CURRENCY"], [6, 2, 1, 1])[0]
        sample = {"TEXT": "Value-%d" % rng.randint(1, 99), "DATE": "2026-0%d-25" % rng.randint(1, 9),
                  "DATE_TIME": "2026-10-2%dT10:00:00Z" % rng.randint(0, 9),
                  "CURRENCY": "12.%d EUR" % rng.randint(10, 99)}
        by_language = {"es": "Señor"} if kind == "TEXT" and rng.random() < 0.2 else None
        return Parameter(kind, sample[kind], by_language)

    def edit(self):
        edits = [(self.change_text, 8), (self.revert, 4), (self.add_template, 2), (self.delete_template, 1),
                 (self.add_language, 2), (self.remove_language, 1), (self.rename_parameter, 2),
                 (self.add_parameter, 1), (self.remove_parameter, 1), (self.change_sample, 1),
                 (self.change_category, 1), (self.change_buttons, 1), (self.change_lifecycle, 2),
                 (self.move_file, 1), (self.change_variables, 1), (self.change_webhooks, 1)]
        self.rng.choices([edit for edit, _ in edits], [weight for _, weight in edits])[0]()

    def pick(self):
        free = sorted(set(self.templates) - {PLAIN})
        return self.templates[self.rng.choice(free)] if free else None

    def pin(self, template, languages):
        """A bump, as people do it who number their texts; now and then it is forgotten."""
        if self.pinning == "never" or (template.pins and self.rng.random() < 0.05):
            return
        if self.pinning == "sometimes" and not template.pins and self.rng.random() < 0.5:
            return
        number = self.highest.get(template.base, 0) + self.rng.choices([1, 2], [9, 1])[0]
        self.highest[template.base] = number
        for language in languages:
            template.pins[language] = number

    def change_text(self):
        template = self.pick()
        if template:
            languages = [language for language in template.texts if self.rng.random() < 0.7]
            languages = languages or list(template.texts)[:1]
            for language in languages:
                template.texts[language] = self.fresh()
            self.pin(template, languages)

    def revert(self):
        """To what an earlier commit had, or one language alone; with its number, or a new one."""
        commit = self.rng.choice(self.commits)
        if not commit.templates:
            return
        old = commit.templates[self.rng.choice(sorted(commit.templates))].copy()
        pins = dict(old.pins)
        self.templates[old.base] = old
        if self.rng.random() < 0.5:
            self.pin(old, list(old.texts))
        elif self.rng.random() < 0.5:
            old.pins = pins

    def delete_template(self):
        template = self.pick()
        if template:
            del self.templates[template.base]

    def add_language(self):
        template = self.pick()
        free = [language for language in LANGUAGES if not template or language not in template.texts]
        if template and free:
            language = self.rng.choice(free)
            template.texts[language] = self.fresh()
            if template.pins:
                # A language more joins the others' number.
                template.pins[language] = max(template.pins.values())

    def remove_language(self):
        template = self.pick()
        if template and len(template.texts) > 1:
            language = self.rng.choice(sorted(template.texts))
            del template.texts[language]
            template.pins.pop(language, None)

    def rename_parameter(self):
        """The wire does not see it."""
        template = self.pick()
        free = [name for name in PARAMETERS if template and name not in template.parameters]
        if template and template.body and free:
            old, new = self.rng.choice(template.body), self.rng.choice(free)
            template.parameters[new] = template.parameters.pop(old)
            template.body = [new if name == old else name for name in template.body]
            template.header_parameter = new if template.header_parameter == old else template.header_parameter
            template.url_parameter = new if template.url_parameter == old else template.url_parameter

    def add_parameter(self):
        template = self.pick()
        free = [name for name in PARAMETERS if template and name not in template.parameters]
        if template and free:
            template.parameters[free[0]] = self.make_parameter()
            template.body.insert(self.rng.randint(0, len(template.body)), free[0])
            self.pin(template, list(template.texts))

    def remove_parameter(self):
        template = self.pick()
        used = (template.header_parameter, template.url_parameter) if template else ()
        free = [name for name in template.body if name not in used] if template else []
        if free:
            name = self.rng.choice(free)
            template.body.remove(name)
            del template.parameters[name]
            self.pin(template, list(template.texts))

    def change_sample(self):
        template = self.pick()
        if template and template.body:
            template.parameters[self.rng.choice(template.body)] = self.make_parameter()
            self.pin(template, list(template.texts))

    def change_category(self):
        template = self.pick()
        if template:
            template.category = self.rng.choice(CATEGORIES)

    def change_buttons(self):
        template = self.pick()
        if template:
            template.replies = self.rng.sample(["YES", "NO", "LATER"], self.rng.randint(0, 2))
            self.pin(template, list(template.texts))

    def change_lifecycle(self):
        template = self.pick()
        if template:
            template.accept = self.rng.choice([None, 1, 2, 3, 5, 99])
            template.keep = self.rng.choice([None, 1, 1, 2, 3])
            template.publish = self.rng.random() < 0.2

    def move_file(self):
        template = self.pick()
        if template:
            folder = self.rng.choice([None, "templates/moved/", "templates/x/y/"])
            template.path = folder + template.base if folder else None
            template.split_files = self.rng.random() < 0.5

    def change_variables(self):
        """Every footer that names it says something else: no file of a template changed."""
        brand = "Acme %d" % self.fresh()
        self.variables = {"brand": {language: "%s %s" % (brand, language[:2]) for language in LANGUAGES}
                          if self.rng.random() < 0.3 else brand}
        for template in self.templates.values():
            template.variables = dict(self.variables)
            if template.footer == "variable" and template.pins:
                self.pin(template, list(template.texts))

    def change_webhooks(self):
        names = self.rng.sample([HOOK, "second"], self.rng.randint(0, 2))
        self.webhooks = [{"name": name, "url": "http://127.0.0.1:9/%d" % self.rng.randint(1, 3),
                          "events": ["whatsapp_status_update", "other"][:self.rng.randint(1, 2)],
                          "enabled": self.rng.random() < 0.8} for name in names]


class World:
    """The repository, what is live, and what the law may be asked about."""

    def __init__(self, seed):
        self.rng = rng = random.Random("world %s" % seed)
        self.signatures = {}
        self.repository = Repository(rng)
        self.commits = self.repository.commits
        self.compiled = [commit.compile(self.signatures) for commit in self.commits]
        self.side = [commit.compile(self.signatures) for commit in self.repository.side]
        self.desired, self.webhooks = self.compiled[-1], self.commits[-1].webhooks
        self.history = History(self.compiled[::-1], self.side[::-1])
        self.live, self.live_webhooks = [], []
        self.odd = set()  # the bases whose live state no apply would have left so
        self.contents = {}  # {content: components}, of everything there ever was
        for compiled in self.compiled + self.side:
            for template in compiled.values():
                for language, wanted in template.wanted.items():
                    self.contents[wanted.content] = template.components[language]
        self.clock = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        self.clean = rng.random() < 0.4
        self.add_strangers()
        self.live_through_history()
        if not self.clean:
            for _ in range(rng.randint(1, 4)):
                self.disturb()

    def plan(self, live, prune=False):
        return Planner(self.desired, live, self.history, self.signatures).plan(prune)

    def go_to(self, number):
        """HEAD is this commit now; other branches are not there."""
        self.desired, self.webhooks = self.compiled[number], self.commits[number].webhooks
        self.history = History(self.compiled[number::-1])

    # -- what was applied -------------------------------------------------

    def live_through_history(self):
        """Some of the commits were applied in their time, and approved."""
        for i, compiled in enumerate(self.compiled):
            if self.rng.random() < (0.5 if i + 1 < len(self.compiled) else 0.15):
                planner = Planner(compiled, self.live, History(self.compiled[i::-1]), self.signatures)
                for (name, language), create in sorted(planner.plan().creates.items()):
                    self.add(name, language, create.content, category=create.category)
                self.live_webhooks = [dict(webhook) for webhook in self.commits[i].webhooks]

    def add(self, name, language, content, category="UTILITY", status="APPROVED"):
        if self.find(name, language):
            return
        self.clock += datetime.timedelta(minutes=7)
        self.live.append({"name": name, "language": language, "category": category, "status": status,
                          "content": content, "created": self.clock.strftime("%Y-%m-%dT%H:%M:%S.000Z")})

    def find(self, name, language):
        return next((template for template in self.live
                     if (template["name"], template["language"]) == (name, language)), None)

    def add_strangers(self):
        count = self.rng.choices([0, 1, 3, 105], [3, 4, 3, 1])[0]
        for i in range(count):
            name = STRANGERS[i] if i < len(STRANGERS) else "crowd_%03d" % i
            status = self.rng.choice(["APPROVED"] * 3 + ODD_STATUSES)
            self.add(name, self.rng.choice(LANGUAGES), self.foreign(), status=status)

    def foreign(self):
        """Content that no commit ever had."""
        number = self.repository.fresh()
        template = Template("foreign")
        template.texts["en_US"] = number
        components = template.components("en_US")
        components[-1]["text"] = "Somebody else wrote this, number %d, as it seemed right." % number
        content = canonical(components)
        self.signatures[content] = template.signature_of("en_US")
        self.contents[content] = components
        return content

    # -- what others did --------------------------------------------------

    def disturb(self):
        edits = [(self.change_status, 5), (self.recategorise, 2), (self.rewrite, 2), (self.take_suffix, 1),
                 (self.repeat_without_suffix, 1), (self.remove, 2), (self.add_higher, 2),
                 (self.add_foreign_language, 1), (self.change_live_webhook, 1)]
        self.rng.choices([edit for edit, _ in edits], [weight for _, weight in edits])[0]()

    def pick(self):
        ours = [template for template in self.live if split(template["name"])[0] in self.history.bases]
        if not ours:
            return None
        chosen = self.rng.choice(ours)
        self.odd.add(split(chosen["name"])[0])
        return chosen

    def change_status(self):
        template = self.pick()
        if template:
            template["status"] = self.rng.choice(ODD_STATUSES)

    def recategorise(self):
        template = self.pick()
        if template:
            template["category"] = "MARKETING" if template["category"] == "UTILITY" else "UTILITY"

    def rewrite(self):
        template = self.pick()
        if template:
            template["content"] = self.foreign()

    def take_suffix(self):
        template = self.pick()
        if template:
            base, number, suffix = split(template["name"])
            if suffix and number == 1 and not self.find(base, template["language"]):
                template["name"] = base

    def repeat_without_suffix(self):
        template = self.pick()
        if template:
            self.add(split(template["name"])[0], template["language"], self.foreign())

    def remove(self):
        template = self.pick()
        if template:
            self.live.remove(template)

    def add_higher(self):
        template = self.pick()
        if template:
            name = "%s_v%d" % (split(template["name"])[0], self.rng.choice([2, 3, 5, 9, 40]))
            self.add(name, template["language"], self.rng.choice([self.foreign(), template["content"]]),
                     template["category"])

    def add_foreign_language(self):
        template = self.pick()
        if template:
            self.add(template["name"], self.rng.choice(LANGUAGES), self.foreign(), template["category"])

    def change_live_webhook(self):
        if self.live_webhooks and self.rng.random() < 0.5:
            self.rng.choice(self.live_webhooks)["url"] = "http://127.0.0.1:9/elsewhere"
        else:
            self.live_webhooks.append({"name": "theirs", "url": "http://127.0.0.1:9/theirs",
                                       "events": ["whatsapp_status_update"], "enabled": True})

    # -- as files and as the emulator has it ------------------------------

    def config(self, commit, url):
        lines = ["environments:", "  dev:", "    base_url: " + url]
        if commit.webhooks:
            lines.append("    webhooks: " + dump(commit.webhooks))
        lines.append("variables: " + dump(commit.variables))
        lines.append("policy: {rules: {HSM140: off}}")  # texts that are not composed are sent composed
        return "\n".join(lines) + "\n"

    def files(self, commit, url):
        files = {"hsmctl.yaml": self.config(commit, url)}
        for template in commit.templates.values():
            files.update(template.as_files())
        return files

    def seeds(self):
        return [{"name": template["name"], "language": template["language"], "category": template["category"],
                 "status": template["status"], "dateCreated": template["created"],
                 "components": self.contents[template["content"]],
                 **({"rejection_reason": "POLICY_VIOLATION"} if template["status"] == "REJECTED" else {})}
                for template in self.live]
