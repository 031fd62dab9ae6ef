#!/bin/bash
# Makes three changes that contact centres make, and writes what their reviews
# would show: reviews.sh FOLDER. The tests compare it with what stands here.
set -euo pipefail
out=$(realpath "${1:?a folder}")
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=$(realpath "${HSM_BUILD:-$top/build}")
work=$(mktemp -d)
emulator=
cleanup() {
	[ -z "$emulator" ] || kill "$emulator" 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT
export GENESYSCLOUD_OAUTHCLIENT_ID=example GENESYSCLOUD_OAUTHCLIENT_SECRET=example GIT_CONFIG_GLOBAL=/dev/null \
	GIT_AUTHOR_NAME="Ana Ruiz" GIT_AUTHOR_EMAIL=ana@example.com GIT_COMMITTER_NAME="Ana Ruiz" \
	GIT_COMMITTER_EMAIL=ana@example.com GITHUB_SERVER_URL=https://github.com GITHUB_REPOSITORY=acme/messages
day=1

# A port of its own, since the address stands in the repository and so in its commits.
"$bin/genesys-emulator" --port 47813 --review manual >"$work/log" 2>&1 &
emulator=$!
for _ in $(seq 100); do grep -qs listening "$work/log" && break; sleep 0.05; done
url=http://127.0.0.1:47813
mkdir "$work/messages" && cd "$work/messages" && git init -q -b main .
cp -r "$top/examples/reviews/templates" "$top/examples/reviews/hsmctl.yaml" .

commit() {
	git add -A
	GIT_AUTHOR_DATE="2026-11-0$day 09:00 +0000" GIT_COMMITTER_DATE="2026-11-0$day 09:00 +0000" git commit -q -m "$1"
	day=$((day + 1))
}
review() { curl -fsS -X POST -H 'Content-Type: application/json' -d "$1" "$url/_emulator/review" >/dev/null; }
show() {
	"$bin/hsmctl" -q plan --format markdown >"$out/$1.md"
	"$bin/hsmctl" -q plan --format html >"$out/$1.html"
}
apply() { "$bin/hsmctl" -q apply --yes >/dev/null; }

commit "What we send today"
apply
review '{"name": "*", "status": "APPROVED"}'

# 1: friendlier words, and French.
sed -i 's/Estimated delivery: {{eta}}\./We will bring it on {{eta}}./; s/Entrega prevista: {{eta}}\./Se lo llevamos el {{eta}}./' templates/order_confirmation.yaml
cat >>templates/order_confirmation.yaml <<'YAML'
  fr:
    header: "Commande {{order_id}}"
    body: "Bonjour {{customer}}, votre commande {{order_id}} est confirmée. Nous vous l'apportons le {{eta}}. Merci."
    footer: Répondez STOP pour vous désabonner.
YAML
commit "Friendlier order confirmation, in French too"
show 1-friendlier-words
apply
review '{"name": "order_confirmation*", "status": "APPROVED"}'

# 2: another order of the parameters, another button, and a text that Meta refused before.
sed -i 's/Your table is booked/Book now and save: your table is booked/' templates/table_reminder.yaml
commit "Reminders that sell"
apply
review '{"name": "table_reminder*", "status": "REJECTED", "reason": "PROMOTIONAL"}'
sed -i 's/Hi {{customer}}, parcel {{order_id}} is late/Parcel {{order_id}} is late, {{customer}}/; s/id: DELAY_CALL, title: Call me back/id: DELAY_REFUND, title: Refund me/' templates/delivery_delay.yaml
commit "Delays: refunds in place of calls"
show 2-flows-and-a-rejection
apply
review '{"name": "*", "status": "APPROVED"}'

# 3: a legal text that stands in many templates, and a category that Meta changed.
review '{"name": "order_confirmation_v2", "language": "fr", "category": "MARKETING"}'
sed -i 's/Acme Health Ltd/Acme Health plc/' hsmctl.yaml
commit "Our company is a plc now"
show 3-a-new-legal-name
