#!/bin/bash
# examples/serve as a newcomer runs it, and its files.
. "$(dirname "$0")/lib.sh"

cp -r "$top/examples/serve" "$work/serve"
# Others may have these ports; those from 32768 on are given to whoever connects.
port=$((20000 + $$ % 12000))
sed -i "s/8080/$port/; s/8090/$((port + 1))/" "$work"/serve/{run.sh,hsmctl.yaml,serve.yaml}
expect 0 "the example runs" timeout 100 env HSM_BUILD="$HSM_BUILD" "$work/serve/run.sh"
contains out "a fallback in the next moment" '"name":"order_notice_v1"'
contains out "then the text for an SMS" '"channel":"sms","text":"Su pedido llega hoy."'
contains out "and what happened" "delivery_update_v1 is PAUSED: sms is used instead"
if command -v systemd-analyze >/dev/null; then
	sed "s|/usr/local/bin/hsmctl|$hsmctl|; /^Documentation/d" "$top/examples/serve/hsmctl.service" >"$work/hsmctl.service"
	expect 0 "systemd takes the unit" systemd-analyze verify --man=no "$work/hsmctl.service"
	level=$(systemd-analyze security --offline=true --no-pager "$work/hsmctl.service" 2>/dev/null | sed -n 's/.*Overall exposure level.*: \([0-9]*\)\..*/\1/p')
	[ -n "$level" ] && [ "$level" -lt 3 ] && ok "and finds it hardened ($level)" || bad "exposure level '$level'"
else
	echo "SKIPPED: no systemd-analyze"
fi
cd "$work/serve" && git init -q . && git add hsmctl.yaml templates
expect 0 "its templates are good" "$hsmctl" validate --strict
finish
