"""The programs under test, and git: started, asked, ended. What is started here is
ended here.
"""
import base64
import hmac
import http.client
import json
import os
import re
import signal
import subprocess
import time

BUILD = os.path.abspath(os.environ.get("HSM_BUILD") or os.path.join(os.path.dirname(__file__), "../../build"))
HANG = 60  # seconds that nothing here takes
TOKEN, HOOK_SECRET, PUSH_SECRET = "planted-secret-token", "planted-secret-hook", "planted-secret-push"

ENVIRONMENT = {
    "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": "/nonexistent", "LC_ALL": "C.UTF-8",
    "GENESYSCLOUD_OAUTHCLIENT_ID": "id-of-the-tests", "GENESYSCLOUD_OAUTHCLIENT_SECRET": "planted-secret-5f2c",
    "FLOW_TOKEN": TOKEN, "HOOK_SECRET": HOOK_SECRET, "PUSH_SECRET": PUSH_SECRET,
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
    "ASAN_OPTIONS": "detect_leaks=1:verify_asan_link_order=0", "UBSAN_OPTIONS": "print_stacktrace=1",
}


class Failed(Exception):
    """A check that failed, or a program that did what none may."""


def check(good, message, *arguments):
    if not good:
        raise Failed(message % arguments if arguments else message)


def wait_for(condition, what, seconds=HANG, pause=0.002):
    end = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < end, "%s: not in %d seconds", what, seconds)
        time.sleep(pause)


def environment(kill_at, clock, skip_sleep=False):
    """Of hsmctl. kill_at: it ends at the Nth of what it does to the outside; clock: seconds that its clock is
    wrong by; skip_sleep: its sleeps are over at once, by all its clocks."""
    more = {}
    if kill_at or clock or skip_sleep:
        more.update(LD_PRELOAD=BUILD + "/kill_at.so", HSM_KILL_AT=str(kill_at), HSM_CLOCK_OFFSET=str(clock))
    if skip_sleep:
        more["HSM_SKIP_SLEEP"] = "1"
    return {**ENVIRONMENT, **more}


def encode(text):
    """As it is, in hexadecimal, and in base64 at each place of three bytes; of that what depends on it alone."""
    base64s = [base64.b64encode(b"-" * skip + text)[(skip * 8 + 5) // 6:(skip + len(text)) * 8 // 6]
               for skip in range(3)]
    return [text, text.hex().encode(), text.hex().upper().encode(), *base64s]


SECRET = re.compile(b"|".join(map(re.escape, encode(b"planted-secret"))))


def check_text(who, text):
    check("Sanitizer" not in text and "runtime error" not in text, "%s: %s", who, text[-3000:])
    check(not SECRET.search(text.encode()), "%s tells a secret", who)


def check_files(folder, hidden, but=()):
    """No file holds what is hidden, of those that hsmctl wrote."""
    for path, folders, names in os.walk(folder):
        if ".git" in folders:
            folders.remove(".git")
        for name in names:
            whole = os.path.join(path, name)
            with open(whole, "rb") as file:
                check(whole in but or not hidden.search(file.read()), "%s holds a secret or a recipient", whole)


class Emulator:
    def __init__(self, *options):
        self.process = subprocess.Popen(
            [BUILD + "/genesys-emulator", "--port", "0", "--webhook-retries", "0", *options],
            stdout=subprocess.PIPE, env=ENVIRONMENT, close_fds=False)
        line = self.process.stdout.readline().decode()
        check("listening on " in line, "the emulator does not start: %s", line)
        self.url = line.split("listening on ")[1].strip()
        self.connection = http.client.HTTPConnection(self.url.split("//")[1], timeout=HANG)

    def stop(self):
        self.connection.close()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def ask(self, method, path, body=None, headers=None, may_be_gone=False):
        """Any request; the answer's JSON, or None."""
        headers = {"Content-Type": "application/json", **(headers or {})}
        text = None if body is None else body if isinstance(body, str) else json.dumps(body)
        try:
            self.connection.request(method, path, text.encode() if text else None, headers)
            answer = self.connection.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException) as error:
            time.sleep(0.1)
            raise Failed("the emulator does not answer %s %s: %r; it ended with %s" % (
                method, path, error, self.process.poll())) from None
        if answer.status == 404 and may_be_gone:
            return None
        check(answer.status < 300, "%s %s: %d %s", method, path, answer.status, data[:300])
        return json.loads(data) if data else None

    def admin(self, method, path, body=None, may_be_gone=False):
        return self.ask(method, "/_emulator/" + path, body, may_be_gone=may_be_gone)

    def api(self, method, path, body=None):
        """As another client of the organisation. Nothing may be armed that hits it."""
        token = self.ask("POST", "/oauth/token", "grant_type=client_credentials", {
            "Content-Type": "application/x-www-form-urlencoded", "Authorization": "Basic aWQ6c2VjcmV0"})
        return self.ask(method, "/api/v2/messaging/" + path, body,
                        {"Authorization": "Bearer " + token["access_token"]})

    def state(self):
        return self.admin("GET", "state")

    def requests(self):
        return self.admin("GET", "requests")["requests"]

    def arm(self, specs):
        self.admin("DELETE", "faults")
        if specs:
            self.admin("POST", "faults", specs)

    def advance(self, seconds):
        self.admin("POST", "clock", {"advance_seconds": seconds})


class Result:
    def __init__(self, arguments, code, out, err):
        self.arguments, self.code, self.out, self.err = arguments, code, out, err

    @property
    def killed(self):
        return self.code == -signal.SIGKILL

    def json(self):
        try:
            return json.loads(self.out)
        except ValueError:
            raise Failed("hsmctl %s wrote no JSON: exit code %d, %s" % (
                self.arguments, self.code, self.err[-400:])) from None


class Hsmctl:
    """One run; how is environment's."""

    def __init__(self, folder, *arguments, kill_at=0, clock=0, skip_sleep=False):
        self.arguments = " ".join(arguments)
        self.process = subprocess.Popen(
            [BUILD + "/hsmctl", *arguments], cwd=folder, env=environment(kill_at, clock, skip_sleep),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def is_running(self):
        return self.process.poll() is None

    def wait(self):
        try:
            out, err = self.process.communicate(timeout=HANG)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
            raise Failed("hsmctl %s hangs: %s" % (self.arguments, err.decode(errors="replace")[-400:])) from None
        result = Result(self.arguments, self.process.returncode, out.decode(), err.decode(errors="replace"))
        check(result.code >= 0 or result.killed, "hsmctl %s ended by signal %d: %s", self.arguments, -result.code,
              result.err[-2000:])
        check_text("hsmctl " + self.arguments, result.out + result.err)
        return result


class Server:
    """hsmctl serve: started, asked, told; or killed, as its kill_at says."""

    def __init__(self, folder, file, kill_at=0, clock=0):
        self.log = file + ".log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen([BUILD + "/hsmctl", "serve", file], cwd=folder,
                                            env=environment(kill_at, clock), stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)
        self.connection = None
        wait_for(lambda: self.find_port() or not self.is_running(), "hsmctl serve listens")

    def find_port(self):
        found = re.search(r"listening on http://(127.0.0.1:\d+)", self.read_log())
        if found and not self.connection:
            self.connection = http.client.HTTPConnection(found[1], timeout=HANG)
        return found

    def is_running(self):
        return self.process.poll() is None

    def ask(self, method, path, body=None, headers=None):
        """(status, body); (0, "") where it is killed meanwhile."""
        if not self.connection:
            return 0, ""
        try:
            self.connection.request(method, path, body, {"Authorization": "Bearer " + TOKEN, **(headers or {})})
            answer = self.connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            wait_for(lambda: not self.is_running(), "%s %s met %r, and hsmctl serve ends" % (method, path, error), 5)
            return 0, ""

    def post(self, path, body, secret):
        """Signed; the status."""
        signature = hmac.new(secret.encode(), body.encode(), "sha256").hexdigest()
        return self.ask("POST", path, body.encode(), {
            "X-Hub-Signature-256": "sha256=" + signature, "Content-Type": "application/json"})[0]

    def metric(self, name):
        found = re.search(r"^hsmctl_%s (\S+)" % name, self.ask("GET", "/metrics")[1], re.M)
        return float(found[1]) if found else 0

    def end(self, number):
        """By a signal; its exit code."""
        if self.is_running():
            self.process.send_signal(number)
        try:
            code = self.process.wait(HANG)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failed("hsmctl serve does not end: %s" % self.read_log()[-3000:]) from None
        if self.connection:
            self.connection.close()
        check(code in (0, -signal.SIGKILL), "hsmctl serve ended with %d: %s", code, self.read_log()[-3000:])
        check_text("hsmctl serve", self.read_log())
        return code

    def read_log(self):
        with open(self.log, errors="replace") as log:
            return log.read()


def write_repository(folder, world, url):
    """The history by one git fast-import, and HEAD's files in the work tree. The ids
    of the commits of main, the first one first."""
    for name in ("objects/pack", "refs/heads"):
        os.makedirs("%s/.git/%s" % (folder, name))
    config = "[core]\nrepositoryformatversion = 0\nbare = false\n"
    for name, text in (("HEAD", "ref: refs/heads/main\n"), ("config", config)):
        with open("%s/.git/%s" % (folder, name), "w") as file:
            file.write(text)
    lines, marks = [], []

    def add(commit, ref, subject, parent=None):
        marks.append(ref)
        lines.append("commit %s\nmark :%d\ncommitter Ana Ruiz <ana@example.com> %d +0000\n%s" % (
            ref, len(marks), commit.time, data(subject)))
        lines.append("from %s\n" % parent if parent else "")
        lines.append("deleteall\n")
        for path, text in sorted(world.files(commit, url).items()):
            lines.append("M 100644 inline %s\n%s" % (path, data(text)))

    for i, commit in enumerate(world.commits):
        add(commit, "refs/heads/main", "Commit %d" % i)
    for i, commit in enumerate(world.repository.side):
        add(commit, "refs/heads/side", "Side %d" % i, None if i else "refs/heads/main")
    subprocess.run(["git", "fast-import", "--quiet", "--force", "--export-marks=.git/marks"], cwd=folder,
                   env=ENVIRONMENT, check=True, input="".join(lines).encode(), stdout=subprocess.DEVNULL)
    for path, text in world.files(world.commits[-1], url).items():
        path = os.path.join(folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", newline="") as file:
            file.write(text)
    with open(folder + "/.git/marks") as file:
        ids = dict(line.split() for line in file)
    return [ids[":%d" % (i + 1)] for i, ref in enumerate(marks) if ref == "refs/heads/main"]


def data(text):
    return "data %d\n%s\n" % (len(text.encode()), text)
