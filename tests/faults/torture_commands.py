"""A command under failing calls."""

import os
import subprocess

from torture_base import HALF, TIMEOUT, Failure, check_end, describe_failure, read_counts, read_tree, restore_tree
from torture_worlds import COMMANDS


class Run:
    """What a command came to."""

    def __init__(self, code, out, err, tree, state):
        self.code, self.out, self.err, self.tree, self.state = code, out, err, tree, state


class Victim:
    """A command, its world, and what becomes of them undisturbed."""

    most = 1000  # failures of a kind

    def __init__(self, worker, name):
        self.worker, self.name = worker, name
        self.folder = os.path.join(worker.folder, name)
        self.counts = os.path.join(worker.folder, "counts")
        self.world = COMMANDS[name](self.folder, worker.emulator.url)
        worker.emulator.begin(self.world)
        if self.world.before:
            self.call(self.world.before)
        self.before = read_tree(self.folder)
        self.state_before = worker.emulator.state()
        self.after = self.run({})
        if self.after.code != 0:
            raise Failure(f"{name}, undisturbed: exit code {self.after.code}: {self.after.err}")
        self.again = self.run({})
        self.begin()
        self.run({"FAIL_COUNTS": self.counts, "FAIL_PROGRAM": "hsmctl"})
        self.calls = read_counts(self.counts)[0]

    def begin(self):
        restore_tree(self.folder, self.before)
        if os.path.exists(self.counts):
            os.unlink(self.counts)
        self.worker.emulator.begin(self.world)

    def call(self, arguments, more=None):
        environment = dict(self.worker.environment, **(more or {}))
        if more:
            environment["LD_PRELOAD"] = self.worker.library
        done = subprocess.run([self.worker.program, *arguments], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=TIMEOUT, check=False)
        return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")

    def run(self, more):
        code, out, err = self.call(self.world.run, more)
        return Run(code, out, err, read_tree(self.folder), self.worker.emulator.state())

    def check_disturbed(self, run, kind, how):
        check_end(run.code, run.err)
        told = kind in ("socket", "send", "receive")  # what was sent again
        if run.code == 0 and ((run.tree, run.state) != (self.after.tree, self.after.state) or
                              (run.out != self.after.out and not told)):
            raise Failure(f"exit code 0, but the work is not done: {self.differ(run)}")
        if how == HALF and run.code != 0:
            raise Failure(f"exit code {run.code} for half a {kind}")
        for path, data in run.tree.items():
            known = [tree[path] for tree in (self.before, self.after.tree) if path in tree]
            if not known:
                raise Failure(f"{path} is left behind")
            if data not in known:
                raise Failure(f"{path} is neither as before nor as after")
        for path in self.before:
            if path not in run.tree:
                raise Failure(f"{path} is gone")
        for now, before, after in zip(run.state, self.state_before, self.after.state):
            for one in now:
                if one not in before and one not in after:
                    raise Failure(f"{one} is live")
            if len(set(now)) != len(now):
                raise Failure("something is live twice")

    def differ(self, run):
        paths = [p for p in sorted(set(run.tree) | set(self.after.tree)) if run.tree.get(p, 0) != self.after.tree.get(p, 0)]
        return f"files {paths}, live {'differs' if run.state != self.after.state else 'alike'}, " \
               f"output {'differs' if run.out != self.after.out else 'alike'}"

    def check_again(self, first):
        """Where all of the work was done, a second run may have nothing to do."""
        done = (first.tree, first.state) == (self.after.tree, self.after.state)
        run = self.run({})
        if run.code != (self.again.code if done else 0):
            raise Failure(f"the second run: exit code {run.code}: {run.err}")
        if (run.tree, run.state) != (self.after.tree, self.after.state):
            raise Failure(f"the second run ends elsewhere: {self.differ(run)}")

    def disturb(self, kind, at, how, on):
        """What is wrong then, or None; what was said; and whether a call failed at all."""
        self.begin()
        run = self.run(describe_failure(self.counts, "hsmctl", kind, at, how, on))
        failed = read_counts(self.counts)[1]
        try:
            self.check_disturbed(run, kind, how)
            self.check_again(run)
        except Failure as failure:
            return f"{failure}; exit code {run.code}", run.err, failed
        return None, run.err, failed
