"""What the commands that write are run on: a repository, what is live, and the command."""

import json
import os
import subprocess

BODY = "Your order %s is on its way to you."


def body(text):
    return [{"type": "BODY", "text": text}]


def live(name, text, language="en_US", **more):
    return dict({"id": f"id-{name}-{language}", "name": name, "language": language, "category": "UTILITY",
                 "status": "APPROVED", "dateCreated": "2026-11-01T10:00:00Z", "dateModified": "2026-11-01T10:00:00Z",
                 "components": body(text)}, **more)


class World:
    """A folder with a repository; `run` is the command's arguments. Subclasses fill it."""

    live = []
    before = ()  # a command's arguments, run before, undisturbed
    run = ()
    git = True

    def __init__(self, folder, url):
        self.folder = folder
        os.makedirs(folder)
        if self.git:
            self.call("git", "init", "-q", "-b", "main", "--template=", ".")
            self.write("hsmctl.yaml", f"environments:\n  dev:\n    base_url: {url}\n" + self.config())
        self.fill()

    def config(self):
        return ""

    def fill(self):
        pass

    def call(self, *command):
        who = {f"GIT_{role}_{what}": text for role in ("AUTHOR", "COMMITTER")
               for what, text in (("NAME", "Ana Ruiz"), ("EMAIL", "ana@example.com"), ("DATE", "2026-11-20T10:00:00Z"))}
        subprocess.run(command, cwd=self.folder, check=True,
                       env=dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1", **who))

    def write(self, path, text):
        path = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def template(self, name, **texts):
        lines = [f"name: {name}", "category: UTILITY", "translations:"]
        for language, text in texts.items():
            lines.append(f"  {language}:")
            lines.append(f'    body: "{text}"' if isinstance(text, str) else f'    version: {text[0]}\n    body: "{text[1]}"')
        self.write(f"templates/{name}.yaml", "\n".join(lines) + "\n")

    def commit(self, subject):
        self.call("git", "add", "-A")
        self.call("git", "commit", "-q", "-m", subject)


class Init(World):
    run = ("init",)
    git = False


class Bump(World):
    run = ("bump", "--base", "HEAD")

    def fill(self):
        self.template("order", en_US=(1, BODY % "one"), es=(1, "Su pedido uno llega hoy."))
        self.template("menu", en_US=(3, "How can we help you today?"))
        self.write("templates/menu/es.yaml", "version: 2\nbody: \"Que desea hoy?\"\n")
        self.commit("First")
        # A number that only another branch has.
        self.call("git", "checkout", "-q", "-b", "other/branch")
        self.template("order", en_US=(7, BODY % "seven"), es=(1, "Su pedido uno llega hoy."))
        self.commit("Seven")
        self.call("git", "checkout", "-q", "main")
        self.template("order", en_US=(1, BODY % "two"), es=(1, "Su pedido dos llega hoy."))
        self.template("menu", en_US=(3, "How may we help you today?"))
        self.write("templates/menu/es.yaml", "version: 2\nbody: \"Que quiere hoy?\"\n")


class Planned(World):
    """One of each row that an apply does: creates, a replace, a webhook; and some that it does not."""

    live = [live("order_v1", BODY % "one"), live("menu_v1", "How can we help you today?"),
            live("promo_v1", "It was refused.", status="REJECTED", reason="PROMOTIONAL"), live("alien_v1", "Nobody's.")]

    def config(self):
        return ("    webhooks:\n      - name: handler\n        url: https://hooks.example.com/whatsapp\n"
                "        events: [whatsapp_status_update]\n        enabled: true\n        secret: HOOK_SECRET\n")

    def fill(self):
        self.template("order", en_US=BODY % "one", es="Su pedido uno llega hoy.")
        self.template("menu", en_US="How can we help you today?")
        self.template("promo", en_US="It was refused.")
        self.commit("First")
        self.template("order", en_US=BODY % "two", es="Su pedido dos llega hoy.")
        self.write("templates/note.yaml", "name: note\ncategory: UTILITY\ntranslations:\n  en_US:\n    body: \"A note for you.\"\n")
        self.commit("Second")


class Plan(Planned):
    run = ("plan", "--out", "hsmctl.plan")


class PlanOver(Planned):
    """Over a plan that stands there."""

    run = ("plan", "--out", "hsmctl.plan", "--format", "json")

    def fill(self):
        super().fill()
        self.write("hsmctl.plan", "an older one\n" * 1000)


class Apply(Planned):
    run = ("apply", "--yes")


class Prune(Planned):
    """Deletes and retires, too."""

    run = ("apply", "--yes", "--prune")
    live = [live("gone_v1", "It is gone."), live("order_v1", "A first text."), live("order_v2", "A second text."),
            live("order_v3", "A third text."), live("order_v4", "A fourth text.")]

    def fill(self):
        self.template("gone", en_US="It is gone.")
        for text in ("A first", "A second", "A third", "A fourth"):
            self.template("order", en_US=f"{text} text.")
            self.commit(text)
        os.unlink(os.path.join(self.folder, "templates/gone.yaml"))
        self.commit("Gone")
        self.call("git", "gc", "-q")


class ApplySaved(Planned):
    run = ("apply", "hsmctl.plan", "--yes")
    before = ("plan", "--out", "hsmctl.plan")


class Import(World):
    run = ("import",)
    live = [live("order_v1", BODY % "one"), live("order_v2", BODY % "two"), live("order_v1", "Su pedido.", "es"),
            live("menu_v1", "How can we help you today?"), live("kept_v1", "It is there.")]

    def fill(self):
        self.template("kept", en_US="It is there.")
        self.commit("First")


class ImportFiles(World):
    run = ("import", "--from", "one.json", "two.json")
    git = False

    def fill(self):
        for name, text in (("one", "A first text."), ("two", "A second text.")):
            self.write(f"{name}.json", json.dumps({"name": name, "language": "en_US", "category": "UTILITY",
                                                   "components": body(text)}))


class Adopt(World):
    run = ("import", "--adopt", "order", "--adopt", "menu")
    live = [live("order_v1", BODY % "one"), live("order_v2", "By hand it comes to you."), live("menu_v1", "By hand, too.")]

    def fill(self):
        self.template("order", en_US=BODY % "one")
        self.template("menu", en_US="How can we help you today?")
        self.commit("First")
        self.template("order", en_US=BODY % "two")
        self.template("menu", en_US="How may we help you today?")
        self.commit("Second")
        self.call("git", "gc", "-q")


class Snapshot(Planned):
    run = ("snapshot", "--out", "live.json")


class Preview(Planned):
    run = ("preview", "--format", "html")


class Validate(Planned):
    run = ("validate", "--format", "json", "--base", "HEAD~1")


class Status(Planned):
    run = ("status", "--format", "json")


COMMANDS = {"init": Init, "bump": Bump, "plan": Plan, "plan-over": PlanOver, "apply": Apply, "apply-prune": Prune,
            "apply-saved": ApplySaved, "import": Import, "import-files": ImportFiles, "import-adopt": Adopt,
            "snapshot": Snapshot, "preview": Preview, "validate": Validate, "status": Status}
