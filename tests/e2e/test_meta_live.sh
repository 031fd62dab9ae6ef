#!/bin/bash
# Templates on Meta's Graph API, against the emulator's: from nothing to in sync, what
# others do meanwhile, what goes wrong on the way, and what an hour has room for.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/live.sh"
. "$(dirname "$0")/graph.sh"
. "$(dirname "$0")/meta.sh"
graph_token=$META_ACCESS_TOKEN
unset GENESYSCLOUD_OAUTHCLIENT_ID GENESYSCLOUD_OAUTHCLIENT_SECRET

# anew FOLDER [OPTION...]: another emulator, another repository; cd there.
anew() {
	local folder=$1
	shift
	kill "$emulator_pid" 2>/dev/null
	emulator "$@"
	meta_repository "$work/$folder"
}

# name language status text of the account's templates, sorted
listed() {
	graph GET "$waba/message_templates?limit=255&fields=name,language,status,components"
	jq -r '.data[] | "\(.name) \(.language) \(.status) \([.components[] | select(.type == "BODY") | .text] | join(""))"' \
		"$work/body" | sort
}
asked() { admin GET requests | jq '.requests | length'; }
faults() { admin POST faults "$(jq -cn '$ARGS.positional' --args "$@")" >/dev/null; }
no_faults() { admin DELETE faults >/dev/null; }
id_of() { graph GET "$waba/message_templates?limit=255&name=$1&fields=id,name,language"; get ".data[] | select(.name == \"$1\" and .language == \"$2\") | .id"; }

two() {
	template greeting en_US "Hello, your table is ready for you now." es_ES "Hola, su mesa ya está lista para usted."
	template other en_US "Something else that we want to tell you."
}

echo "# From nothing to in sync"
emulator --limit-graph-page 1000
meta_repository
cat >templates/order.yaml <<'YAML'
name: order
category: UTILITY
parameters:
  order_id: {type: TEXT, default: ORD-12345}
  customer: {type: TEXT, default: {en_US: Customer, es_ES: Cliente}}
translations:
  en_US:
    header: "Order #{{order_id}}"
    body: "Hi {{customer}}, your order {{order_id}} is confirmed and on its way to you right now."
    footer: Reply STOP to opt-out.
    buttons:
      - reply: {id: A, title: Thanks}
      - url: {title: Track it, url: "https://shop.example.com/orders/{{order_id}}"}
      - phone_number: {title: Call us, phone_number: "+34600111222"}
  es_ES:
    header: "Pedido {{order_id}}"
    body: "Hola {{customer}}, su pedido {{order_id}} está confirmado y ya va de camino a su casa."
    footer: Responda STOP para darse de baja.
    buttons:
      - reply: {id: A, title: Gracias}
      - url: {title: Seguirlo, url: "https://shop.example.com/orders/{{order_id}}"}
      - phone_number: {title: Llamar, phone_number: "+34600111222"}
routes: {A: none}
YAML
template other en_US "Something else that we want to tell you."
commit "First"
expect 0 "doctor" "$hsmctl" doctor
contains out "the account" "Acme WhatsApp ($waba)"
contains out "the permission" "the credentials may create templates"
forget
expect 0 "plan" "$hsmctl" plan
contains out "three to create" "3 to create (3 requests)"
equals "in two requests" "$(asked)" 2
forget
expect 0 "apply" "$hsmctl" apply --yes
contains out "three done" "Applied: 3 done"
equals "one request for each, and two" "$(asked)" 5
forget
expect 0 "plan again" "$hsmctl" plan --detailed-exitcode
contains out "nothing to do" "Nothing to do. 3 in sync."
equals "in two requests again" "$(asked)" 2
expect 0 "drift" "$hsmctl" drift
expect 0 "status" "$hsmctl" status
contains out "of each" "order_v1  es_ES     APPROVED"
expect 0 "snapshot" "$hsmctl" snapshot
cp "$work/out" "$work/snapshot.json"
META_ACCESS_TOKEN='' expect 0 "plan against it without a token" "$hsmctl" plan --against "$work/snapshot.json" --detailed-exitcode
META_ACCESS_TOKEN='' expect 77 "no token" "$hsmctl" plan
contains err "how to get one" "set META_ACCESS_TOKEN"

echo "# What others do"
seed_meta() {
	admin POST templates "$(jq -cn --arg p "$waba" --arg n "$1" --arg l "$2" --arg b "$3" --arg s "${4:-APPROVED}" \
		'[{providerId: $p, name: $n, language: $l, category: "UTILITY", status: $s, components: [{type: "BODY", text: $b}]}]')" >/dev/null
}
seed_meta theirs en_US "Nobody's here."
expect 0 "an unmanaged one" "$hsmctl" plan --detailed-exitcode
contains out "is counted" "1 unmanaged"
graph DELETE "$waba/message_templates?hsm_id=$(id_of other_v1 en_US)&name=other_v1"
expect 2 "one that somebody deleted" "$hsmctl" drift --format json
equals "is created anew" "$(actions)" "create other_v1 en_US|"
expect 75 "where its name is not locked" "$hsmctl" apply --yes
contains err "which it is" "100/2388023: this language of the name is being deleted"
contains err "and how to go on" "--resubmit other"
expect 0 "under the next number" "$hsmctl" apply --yes --resubmit other
equals "it is there" "$(listed | grep other)" "other_v2 en_US APPROVED Something else that we want to tell you."

echo "# A change, a saved plan, and what goes"
sed -i 's/right now/by tonight/' templates/order.yaml
commit "Tonight"
expect 0 "plan --out" "$hsmctl" plan --out "$work/plan"
expect 0 "show" "$hsmctl" show "$work/plan" --format json
equals "a replace" "$(actions)" "replace order_v2 en_US|"
mkdir -p "$work/elsewhere"
expect 0 "is applied without the repository" "$hsmctl" -C "$work/elsewhere" apply --yes "$work/plan"
expect 0 "in sync" "$hsmctl" plan --detailed-exitcode
sed -i '/^  es_ES:/,/^routes/{/^routes/!d}' templates/order.yaml
commit "Spanish goes"
expect 0 "prune" "$hsmctl" apply --yes --prune
equals "one language goes, the others stay" "$(listed | cut -d' ' -f1,2 | tr '\n' '|')" \
	"order_v1 en_US|order_v2 en_US|other_v2 en_US|theirs en_US|"
admin GET requests | jq -r '.requests[] | select(.method == "DELETE") | tostring' >"$work/deletes"
equals "by its id, never by its name alone" "$(wc -l <"$work/deletes") $(grep -c 'hsm_id=[0-9]' "$work/deletes")" "2 2"

echo "# Categories"
printf '[{"category": "MARKETING"}]' >"$work/moves"
anew categories --review "$work/moves"
two
commit "First"
expect 3 "a category that is moved at once" "$hsmctl" apply --yes --parallelism 1
contains err "is said" "submitted as UTILITY, and the API made it MARKETING"
contains err "and the next language can't have another" "all languages of a name must have the same"
expect 2 "and held" "$hsmctl" plan --detailed-exitcode
contains out "with both" "UTILITY in git, MARKETING live"

echo "# Answers that are lost"
for fault in reset-after status-after=502 garbage truncate html=502; do
	anew "lost-$fault" --fault "POST:*/message_templates:$fault:at=2"
	two
	commit "First"
	"$hsmctl" apply --yes >"$work/out" 2>"$work/err" </dev/null
	"$hsmctl" apply --yes >"$work/out" 2>"$work/err" </dev/null
	equals "$fault: each is there once" "$(listed | cut -d' ' -f1,2 | tr '\n' '|')" "greeting_v1 en_US|greeting_v1 es_ES|other_v1 en_US|"
	expect 0 "$fault: in sync" "$hsmctl" plan --detailed-exitcode
done
anew exists
two
commit "First"
create greeting_v1 en_US "[$(body "Hello, your table is ready for you now.")]"
faults "GET:*/message_templates*:shift-listing:times=1"
expect 0 "one that is there already" "$hsmctl" apply --yes
equals "is not made twice" "$(listed | wc -l)" 3

echo "# Answers that nobody wants"
anew hostile
two
commit "First"
"$hsmctl" apply --yes >/dev/null 2>&1
faults "GET:*/message_templates*:number-ids" "GET:*/message_templates*:lower-case"
expect 0 "ids as numbers, words in lower case" "$hsmctl" plan --detailed-exitcode
equals "an id is as it was" "$("$hsmctl" snapshot | jq -r '.templates[] | select(.name == "other_v1") | .id')" \
	"$(no_faults; id_of other_v1 en_US)"
for part in component button; do
	no_faults
	faults "GET:*/message_templates*:unknown-part=$part"
	expect 0 "an unknown $part" "$hsmctl" plan
	expect 0 "and a snapshot of it" "$hsmctl" snapshot
	cp "$work/out" "$work/unknown"
	expect 0 "which can be read" "$hsmctl" plan --against "$work/unknown"
done
no_faults
review '{"name": "other_v1", "status": "LIMIT_EXCEEDED"}'
expect 0 "an unknown status" "$hsmctl" status
contains out "is shown" "LIMIT_EXCEEDED"
review '{"name": "other_v1", "status": "APPROVED"}'
for i in $(seq 300); do printf '{"providerId":"%s","name":"many_%d","language":"en","category":"UTILITY","status":"APPROVED","components":[{"type":"BODY","text":"Text %d."}]}\n' "$waba" "$i" "$i"; done |
	jq -cs . >"$work/many"
admin POST templates "@$work/many" >/dev/null
forget
expect 0 "more than a page" "$hsmctl" plan --detailed-exitcode
contains out "is read to its end" "300 unmanaged"
equals "in pages as large as they are taken" "$(requests GET '/message_templates')" 3 # 1000 is refused, 250, 250
faults "GET:*/message_templates*:cursors=loop"
expect 69 "cursors that lead back" "$hsmctl" plan
contains err "are told" "in a circle"
no_faults
faults "GET:*/message_templates*:cursors=repeat"
expect 69 "pages that repeat" "$hsmctl" plan
no_faults
faults "GET:*/message_templates*:shift-listing=insert:times=1"
expect 0 "a listing that shifts" "$hsmctl" plan
no_faults
faults "GET:*/message_templates*:graph-error=2:times=1"
expect 0 "a fault that passes" "$hsmctl" plan --detailed-exitcode
no_faults
faults "GET:*/message_templates*:graph-error=190/463"
expect 77 "a token that expires in the middle" "$hsmctl" plan
contains err "which, and what to do" "the access token of META_ACCESS_TOKEN"
no_faults
admin POST wabas '[{"id": "1", "name": "Acme"}]' >/dev/null
expect 77 "an account that the token may not see" "$hsmctl" plan
contains err "what it means" "there is no such object"

echo "# Refusals in anybody's language"
anew portuguese --graph-locale pt_BR
two
commit "First"
faults "POST:*/message_templates:graph-error=100/2388299"
expect 65 "a refusal" "$hsmctl" apply --yes
contains err "by its code" "100/2388299: a parameter stands at the start or at the end of a text; it says '"
lacks err "not by its text" "Invalid parameter"
no_faults

echo "# What an hour has room for"
anew hour --limit-hourly 2
two
commit "First"
expect 3 "two of three fit" "$hsmctl" apply --yes --parallelism 1
contains err "and it is said" "the account's calls of this hour, or its creates, are spent"
equals "two are there" "$(listed | wc -l)" 2
expect 0 "looks go on" "$hsmctl" status
admin POST clock '{"advance_seconds": 3700}' >/dev/null
expect 0 "an hour later the rest" "$hsmctl" apply --yes
equals "is there" "$(listed | wc -l)" 3
anew calls --limit-graph-calls 1
two
commit "First"
expect 75 "no calls left" "$hsmctl" plan
contains err "when there are more" "are spent"
anew full --limit-templates 2
two
commit "First"
expect 3 "an account that is full" "$hsmctl" apply --yes --parallelism 1
contains err "it says so" "100/2388019: the account holds as many templates as it may"

echo "# Reviews that take time"
anew reviews --review manual
two
commit "First"
expect 0 "apply" "$hsmctl" apply --yes
contains err "pending" "create other_v1 en_US: PENDING"
expect 75 "wait" "$hsmctl" wait --timeout 1 --interval 1
review '{"name": "*", "status": "APPROVED"}'
expect 0 "until they are approved" "$hsmctl" wait --timeout 20 --interval 1
review '{"name": "greeting_v1", "language": "es_ES", "status": "REJECTED", "reason": "SCAM"}'
expect 2 "a rejection" "$hsmctl" plan --detailed-exitcode
contains out "with its reason" "REJECTED: SCAM"

echo "# Keys of the other API"
printf '    region: eu-west-1\n' >>hsmctl.yaml
expect 78 "validate" "$hsmctl" validate
contains out "at their line" "hsmctl.yaml:7:13"
expect 78 "plan" "$hsmctl" plan
sed -i '/region/d' hsmctl.yaml
expect 0 "what is in use is sent there, too" "$hsmctl" send greeting --to +34600111222 --language en_US --yes
contains out "by its name" "Sent: greeting_v1 en_US"

finish
