#!/bin/bash
# The controller's loop: fetches, plans, applies, tells people; TLS and the page.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/live.sh"
. "$(dirname "$0")/serve.sh"

# receiver: somebody who takes alerts; $receiver_url; bodies in $work/letters
receiver() {
	mkdir -p "$work/letters"
	node -e '
		const http = require("http"), fs = require("fs"); let count = 0, refuse = 1;
		const server = http.createServer((request, response) => {
			let body = ""; request.on("data", (part) => { body += part; }).on("end", () => {
				if (refuse-- > 0) { response.statusCode = 503; return response.end(); }
				fs.writeFileSync(`${process.argv[1]}/letters/${String(count++).padStart(3, "0")}`, request.url + "\n" + body + "\n"); response.end("ok");
			});
		});
		server.listen(0, "127.0.0.1", () => fs.writeFileSync(`${process.argv[1]}/receiver`, String(server.address().port)));
	' "$work" &
	for _ in $(seq 100); do [ -s "$work/receiver" ] && break; sleep 0.05; done
	receiver_url=http://127.0.0.1:$(cat "$work/receiver")
}

letters() { cat "$work"/letters/* 2>/dev/null | sed -n 's/^{/{/p' | jq -s "$1"; }

emulator --review approve
repository "$work/author"
template order en_US "Your order is on its way to you, thank you."
commit "First"
git clone -q --bare . "$work/origin.git"
git remote add origin "$work/origin.git"
receiver
export SLACK_URL=$receiver_url/slack TEAMS_URL=$receiver_url/teams JSON_URL=$receiver_url/json
cat >"$work/serve.yaml" <<Y
listen: 127.0.0.1:0
environment: dev
registry: sqlite:$work/registry.db
tokens: [FLOW_TOKEN]
webhook: {secret: HOOK_SECRET}
push: {secret: PUSH_SECRET}
repository: {url: file://$work/origin.git, mirror: $work/mirror.git}
mode: apply
data_table: {name: hsmctl_templates, tables: 2}
alerts:
  - {url: JSON_URL}
  - {url: SLACK_URL, format: slack, kinds: [fallback, unavailable, disabled]}
  - {url: TEAMS_URL, format: teams, kinds: [repository]}
  - {command: [sh, -c, "cat >> $work/paged"]}
Y
push() { git push -q origin main && post /webhooks/push '{}' "$PUSH_SECRET" >/dev/null; }

serve "$work/serve.yaml"
until_equals "what git says is applied" "order_v1 en_US APPROVED Your order is on its way to you, thank you." live
until_equals "and in use" "template order_v1" use order en_US
equals "the mirror is private" "$(stat -c %a "$work/mirror.git")" 700
template order en_US "Your order comes to you today, thank you."
commit "Second"
push
until_equals "a push is applied" "template order_v2" use order en_US
equals "in one create" "$(posts)" 2

# Architect's data tables: what a flow looks up without asking the controller.
row() { admin GET state | jq -c --arg k "$1" '[.datatables[].rows[] | select(.key == $k) | [.use, .template, .fallback, .parameters]] | .[0]'; }
until_equals "a row for each translation" '["template","order_v2",false,""]' row order:en_US
happens order_v2 en_US PAUSED >/dev/null
until_equals "a fallback is published" '["template","order_v1",true,""]' row order:en_US
happens order_v2 en_US APPROVED >/dev/null
until_equals "and the recovery" '["template","order_v2",false,""]' row order:en_US
equals "over two tables" "$(admin GET state | jq -c '[.datatables[].name] | sort')" '["hsmctl_templates_1","hsmctl_templates_2"]'

# A repository that breaks.
printf 'name: broken\ncategory: NOTHING\n' >templates/broken.yaml
commit "Broken"
push
page() { curl -s -u "x:$FLOW_TOKEN" "$base/" | grep -c "$1"; }
until_equals "a broken commit is said" 1 page "<dt>problem</dt>"
equals "what was in use is" "$(use order en_US)" "template order_v2"
happens order_v2 en_US PAUSED >/dev/null
equals "and still follows events" "$(use order en_US)" "template order_v1"
happens order_v2 en_US APPROVED >/dev/null
git rm -q templates/broken.yaml
template other en_US "Something else is on its way to you, thank you."
commit "Mended"
push
until_equals "a mended one is applied" "template other_v1" use other en_US
until_equals "and the problem is gone" 0 page "<dt>problem</dt>"

until_equals "its row, too" '["template","other_v1",false,""]' row other:en_US

# An account that is disabled is one message.
for i in $(seq 40); do template "many_$i" en_US "Message number $i is on its way to you, thank you."; done
commit "Many"
push
until_equals "many templates" "template many_40_v1" use many_40 en_US
rm -f "$work"/letters/*
sleep 11 # what happened so far is told
rm -f "$work"/letters/*
review '{"name": "many_*", "status": "DISABLED"}'
for i in $(seq 40); do tell "many_${i}_v1" en_US DISABLED >/dev/null; done
messages() { letters '[.[] | select(.counts.disabled)] | length'; }
for _ in $(seq 300); do [ "$(messages)" -gt 0 ] && break; sleep 0.1; done
sleep 1
equals "one message" "$(messages)" 1
equals "tells how many" "$(letters '[.[] | select(.counts.disabled) | .counts.disabled, .counts.unavailable] | join(" ")')" '"40 40"'
equals "names some" "$(letters '[.[] | select(.counts.disabled) | .alerts | length] | .[0] <= 20')" true
equals "Slack's shape, of its kinds" "$(letters '[.[] | select(.text) | .text | split("\n") | .[0]] | last')" '"hsmctl dev: 40 without any fallback, 40 disabled"'
grep -q '"disabled":40' "$work/paged" && ok "a command gets it on stdin" || bad "a command gets it on stdin"
equals "a receiver that failed was asked again" "$(metric alert_messages_failed_total)" 1
stop

review '{"name": "many_*", "status": "APPROVED"}'

# TLS, and certificates that are read again.
certificate() { openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -days 2 -subj "/CN=$1" >/dev/null 2>&1; }
certificate first.example.com
sed "/^data_table/d; s|^mode:.*|mode: report\ntls: {certificate: $work/cert.pem, key: $work/key.pem}|" "$work/serve.yaml" >"$work/tls.yaml"
serve "$work/tls.yaml"
name() { openssl s_client -connect "${base#https://}" </dev/null 2>/dev/null | sed -n 's/^subject=.*CN *= *//p'; }
equals "https" "$(ask /healthz) $(name)" "200 first.example.com"
certificate second.example.com
kill -HUP "$serve_pid"
until_equals "another certificate" second.example.com name
echo nonsense >"$work/cert.pem"
kill -HUP "$serve_pid"
until_equals "a wrong one" 1 grep -c "not reloaded" "$work/serve.log"
equals "changes nothing" "$(name)" second.example.com

# mode: report plans and tells, and makes nothing.
before=$(posts)
template late en_US "A late thing is on its way to you, thank you."
commit "Late"
push
until_equals "a difference is told" 1 metric 'alerts_total{kind="drift"}'
equals "and nothing is made" "$(posts)" "$before"
git rm -q templates/late.yaml
commit "Not late"
push
until_equals "no difference is left" 0 metric plan_differences

# The page, in a browser.
if command -v chromium >/dev/null; then
	mkdir -p "$top/build/screenshots"
	until_equals "a listing overrules" "template many_7_v1" use many_7 en_US
	for i in 7 8 9; do happens "many_${i}_v1" en_US DISABLED >/dev/null; done
	curl -sk -u "x:$FLOW_TOKEN" "$base/" >"$work/page.html"
	equals "it loads and runs nothing" "$(grep -ciE '<script|<img|<link|<iframe| src=| href=|url\(' "$work/page.html")" 0
	for size in 1100,1200 500,1200; do
		chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars --user-data-dir="$work/profile" \
			--window-size="$size" --enable-logging=stderr --screenshot="$top/build/screenshots/serve-${size%,*}.png" \
			"file://$work/page.html" >/dev/null 2>"$work/browser"
		grep -q "Content Security Policy\|CONSOLE" "$work/browser" && bad "$size: the browser complains" || ok "$size: no complaint"
	done
	{ sed 's|<meta http-equiv=[^>]*>||' "$work/page.html"; echo '<script>const pre = document.createElement("pre"); pre.id = "measured"; pre.textContent = JSON.stringify([document.querySelectorAll("#templates tbody tr").length, document.querySelectorAll("#templates .unavailable").length, document.querySelectorAll("#events tbody tr").length > 10, document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1, document.querySelector("#templates tbody td").textContent=== "many_7"]); document.body.append(pre);</script>'; } >"$work/measured.html"
	equals "templates, trouble first, and events" "$(chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$work/profile" --window-size=500,900 --dump-dom "file://$work/measured.html" 2>/dev/null | sed -n 's/.*<pre id="measured">\(.*\)<\/pre>.*/\1/p')" '[42,3,true,true,true]'
else
	echo "SKIPPED: no chromium"
fi
stop
equals "it ends" $? 0
if grep -q "planted-secret" "$work/serve.log"; then bad "a secret is logged"; else ok "no secret is logged"; fi
if grep -qF "$receiver_url" "$work/serve.log"; then bad "an alert's address is logged"; else ok "no alert's address is logged"; fi
finish
