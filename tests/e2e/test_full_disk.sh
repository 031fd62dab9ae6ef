#!/bin/bash
# A full disk, one that cannot be written to, and a limit on the size of files: an error in
# a line, every file as it was, and nothing else left behind.
if [ -z "${HSM_MOUNTS:-}" ]; then
	for how in "unshare --mount" "unshare --mount --map-root-user"; do
		$how true 2>/dev/null && HSM_MOUNTS=yes exec $how "$0"
	done
fi
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/serve.sh"
disk=$work/disk

tree() { (cd "$1" && find . -name .git -prune -o -type f -exec sha256sum {} + -o -print | sort -k 2); }

# fails REASON NAME COMMAND...: with a clean error, and everything as before.
fails() {
	local reason=$1 name=$2
	shift 2
	tree . >"$work/before"
	expect 1 "$name" "$@"
	contains err "$name: and it says why" "$reason"
	equals "$name: in a line" "$(grep -c 'hsmctl: error: ' "$work/err")" 1
	tree . >"$work/after"
	cmp -s "$work/before" "$work/after" && ok "$name: everything is as it was" || { bad "$name: left behind:"; diff "$work/before" "$work/after"; }
}

# Files that are larger than the limit: order's by its comment.
fill() {
	for name in order note; do
		template $name en_US "Your $name is on its way to you." es "Su $name va en camino a su casa."
		sed -i 's/ en_US:/ en_US:\n    version: 1/; s/ es:/ es:\n    version: 1/' templates/$name.yaml
	done
	seq -f '# A comment that makes the file long: %g' 60 >>templates/order.yaml
	commit "First"
	sed -i 's/to you/to your house/' templates/order.yaml
	"$hsmctl" plan --out hsmctl.plan -q >/dev/null 2>&1
	"$hsmctl" snapshot --out live.json -q >/dev/null 2>&1
	mkdir new
}

all_fail() {
	fails "$1" "plan over a saved plan" "$hsmctl" plan --prune --out hsmctl.plan
	fails "$1" "plan to a new file" "$hsmctl" plan --out new/hsmctl.plan
	fails "$1" "snapshot" "$hsmctl" snapshot --out live.json
	fails "$1" "bump" "$hsmctl" bump --base HEAD
	fails "$1" "import" "$hsmctl" import
	fails "$1" "init" "$hsmctl" -C new init
}

emulator
admin POST templates "$(jq -nc '[range(20) | {name: "live\(.)_v1", language: "en_US", category: "UTILITY", status: "APPROVED",
	components: [{type: "BODY", text: ("It is number \(.), which is long enough for a file of its own, " * 16)}]}]')" >/dev/null

# A limit. Some of what an import or an init writes is smaller: those files stay.
repository
fill
fails "File too large" "plan over a saved plan, limited" bash -c 'ulimit -f 1; exec "$0" plan --prune --out hsmctl.plan' "$hsmctl"
fails "File too large" "snapshot, limited" bash -c 'ulimit -f 1; exec "$0" snapshot --out live.json' "$hsmctl"
fails "File too large" "bump, limited" bash -c 'ulimit -f 1; exec "$0" bump --base HEAD' "$hsmctl"
expect 1 "init, limited" bash -c 'ulimit -f 1; exec "$0" -C new init' "$hsmctl"
equals "its first file is whole, and the second is not begun" "$(cd new && find . -type f)" ./hsmctl.yaml
expect 0 "and goes on without the limit" "$hsmctl" -C new init
bash -c 'ulimit -f 1; exec "$0" plan --format json' "$hsmctl" >"$work/plan.json" 2>"$work/err"
equals "stdout beyond the limit" "$?" 1
contains err "is told of" "cannot write the result to stdout: File too large"

if [ "${HSM_MOUNTS:-}" != yes ]; then
	echo "SKIPPED: nothing may be mounted here"
	finish
fi
mkdir "$disk"
mount -t tmpfs -o size=2m tmpfs "$disk"
trap 'cd /; umount -l "$disk" 2>/dev/null; cleanup' EXIT
repository "$disk/repository"
fill

# A full disk.
head -c 4m /dev/zero >"$disk/ballast" 2>/dev/null
all_fail "No space left on device"
printf 'listen: 127.0.0.1:0\nregistry: sqlite:%s/registry.db\n' "$disk" >"$work/serve.yaml"
expect 69 "serve on a full disk" timeout 30 "$hsmctl" serve "$work/serve.yaml"
contains err "says so" "disk"
rm -f "$disk/ballast"
expect 0 "with room again: bump" "$hsmctl" bump --base HEAD
sed -i 's/version: 2/version: 1/' templates/order.yaml
serve "$work/serve.yaml"
until_equals "and the controller is ready" 200 ask /readyz
head -c 4m /dev/zero >"$disk/ballast" 2>/dev/null
stop
equals "it ends though the disk is full" "$?" 0

# One that cannot be written to.
rm -f "$disk/ballast"
cd "$disk/repository" || exit 1
mount -o remount,bind,ro "$disk"
all_fail "Read-only file system"
expect 1 "serve where nothing can be written" timeout 30 "$hsmctl" serve "$work/serve.yaml"
mount -o remount,bind,rw "$disk"
finish
