#!/bin/bash
# Architect flows: what hsmctl flow writes is one by the structure of public flows, whatever
# stands in the templates, and does what it should when it is run by the book.
. "$(dirname "$0")/lib.sh"
npm_tools
flow_tool() { NPM_FOLDER=$npm_folder node "$top/tests/e2e/archy_flow.js" "$@"; }
# valid NAME [FILE]: the flow in $work/out, or FILE
valid() { equals "$1" "$(flow_tool check "$top/tests/e2e/archy-flow.schema.json" "${2:-$work/out}" 2>&1)" valid; }

valid "the one that people review" "$top/tests/golden/flow/flow.yaml"

url=http://127.0.0.1:1
repository
cp "$top"/examples/quickstart/templates/*.yaml templates/
commit "First"
unset GENESYSCLOUD_OAUTHCLIENT_ID GENESYSCLOUD_OAUTHCLIENT_SECRET

expect 0 "one template" "$hsmctl" flow order_confirmation
valid "is a flow"
lacks out "of that alone" support_menu
expect 0 "all templates" "$hsmctl" flow
valid "are a flow"
contains out "with every name" order_confirmation
contains out "and every button" PAYLOAD_SPEAK_AGENT
contains out "says that Archy has not seen it" "# It has not been run through Archy."
cp "$work/out" "$work/flow.yaml"
expect 0 "again" "$hsmctl" flow
cmp -s "$work/out" "$work/flow.yaml" && ok "the same bytes" || bad "the same bytes"
expect 0 "of a revision" "$hsmctl" flow --rev HEAD
cmp -s "$work/out" "$work/flow.yaml" && ok "the same bytes of the same files" || bad "the same bytes of the same files"
expect 64 "a name that is none" "$hsmctl" flow 'nothing_*'
contains err "is named" "'nothing_*'"
expect 64 "no format" "$hsmctl" flow --format json

expect 0 "into a folder" "$hsmctl" flow --out "$work/flows/all"
equals "what was written is said" "$(sed 's|.*/||' "$work/out" | tr '\n' ' ')" "flow.yaml templates.schema.json routes.schema.json "
cmp -s "$work/flows/all/flow.yaml" "$work/flow.yaml" && ok "the flow" || bad "the flow"
equals "the schema of the templates' table" "$(jq -c '[.["$schema"], .required, (.properties | keys_unsorted)]' "$work/flows/all/templates.schema.json")" \
	'["http://json-schema.org/draft-04/schema#",["key"],["key","use","template","language","parameters","fallback","channel","text"]]'
equals "the columns of the routes' table" "$(jq -c '.properties | keys_unsorted | .[:4]' "$work/flows/all/routes.schema.json")" '["key","target","template","state"]'
expect 1 "nowhere to write" "$hsmctl" flow --out /dev/null/x

# What it does. run NAME EXPECTED...: the lines for the scenario on stdin
run() {
	local name=$1
	shift
	cat >"$work/scenario"
	equals "$name" "$(flow_tool run "$work/flow.yaml" "$work/scenario" 2>&1)" "$(printf '%s\n' "$@")"
}
# scenario [JQ]: one, changed
scenario() {
	jq -n '{message: {conversationid: "c1"}, participant: {id: "p1"}, data: {},
		tables: {hsmctl_templates: {
				"order_confirmation:en_US": {use: "template", template: "order_confirmation_v3", language: "en_US", parameters: "order_id,customer", channel: "", text: ""},
				"support_menu:en_US": {use: "channel", template: "", language: "en_US", parameters: "", channel: "sms", text: "Reply 1."}},
			hsmctl_routes: {PAYLOAD_SPEAK_AGENT: {target: "agent_queue", template: "support_menu", state: "current"},
				PAYLOAD_CHECK_ORDER: {target: "order_lookup", template: "support_menu", state: "stale"}}},
		actions: {hsmctl_context: {outcome: "success", answer: {session_status: "CLOSED", context: "crm-7",
				parameter_customer: "Ana", parameter_order_id: "O-1", parameter_eta: "2026-11-30"}},
			hsmctl_send: {outcome: "success"}, hsmctl_send_channel: {outcome: "success"}}} | '"${1:-.}"
}
context="call hsmctl_context conversationId=c1 participantId=p1"
send="call hsmctl_send conversationId=c1 participantId=p1 template=order_confirmation_v3 language=en_US parameters=order_id,customer parameter_customer=Ana parameter_eta=2026-11-30 parameter_order_id=O-1"
lookup="lookup hsmctl_templates order_confirmation:en_US"
order='.data = {hsm_template: "order_confirmation", hsm_language: "en_US"}'
menu='.data = {hsm_template: "support_menu"}'
tapped() { echo "data hsm_payload=$1"; echo "data hsm_payload_template=${2-support_menu}"; echo "data hsm_context=crm-7"; }

run "a closed session gets the template" "$context" "$lookup" "$send" "data hsm_template=" "disconnect" < <(scenario "$order")
run "an open one the message" "$context" \
	'response "Order #O-1\nHi Ana, your order O-1 is confirmed. Estimated delivery: 2026-11-30.\nReply STOP to opt-out."' \
	"data hsm_template=" "disconnect" < <(scenario "$order | .actions.hsmctl_context.answer.session_status = \"OPEN\"")
run "in the customer's language" "$context" \
	'response "Pedido O-1\nHola Ana, su pedido O-1 está confirmado. Entrega prevista: 2026-11-30.\nResponda STOP para darse de baja."' \
	"data hsm_template=" "disconnect" < <(scenario "$order | .data.hsm_language = \"es_ES\" | .actions.hsmctl_context.answer.session_status = \"OPEN\"")
run "no message has a hole" "$context" "$lookup" "${send/parameter_eta=2026-11-30/parameter_eta=}" \
	"data hsm_template=" "disconnect" < <(scenario "$order | .actions.hsmctl_context.answer += {session_status: \"OPEN\", parameter_eta: \"\"}")
run "a language that is none gets the default" "$context" "$lookup" "$send" "data hsm_template=" "disconnect" < <(scenario "$order | .data.hsm_language = \"ja\"")
run "a template that was not sent" "$context" "$lookup" "$send" "data hsm_note=the template was not sent" 'queue "hsmctl_default"' \
	< <(scenario "$order | .actions.hsmctl_send.outcome = \"timeout\"")
run "a customer who is not found gets the template" "$context" "$lookup" \
	"call hsmctl_send conversationId=c1 participantId=p1 template=order_confirmation_v3 language=en_US parameters=order_id,customer parameter_customer= parameter_eta= parameter_order_id=" \
	"data hsm_note=the template was not sent" 'queue "hsmctl_default"' \
	< <(scenario "$order | .actions.hsmctl_context.outcome = \"failure\" | .actions.hsmctl_send.outcome = \"failure\"")
run "a fallback to another channel" "$context" "lookup hsmctl_templates support_menu:en_US" \
	"call hsmctl_send_channel conversationId=c1 participantId=p1 channel=sms text=Reply 1." "data hsm_template=" "disconnect" < <(scenario "$menu")
run "buttons need the template in an open session, too" "$context" "lookup hsmctl_templates support_menu:en_US" \
	"call hsmctl_send conversationId=c1 participantId=p1 template=support_menu_v1 language=en_US parameters= parameter_customer=Ana parameter_eta=2026-11-30 parameter_order_id=O-1" \
	"data hsm_template=" "disconnect" < <(scenario "$menu | .actions.hsmctl_context.answer.session_status = \"OPEN\" |
		.tables.hsmctl_templates[\"support_menu:en_US\"] += {use: \"template\", template: \"support_menu_v1\"}")
run "nothing may be used" "$context" "$lookup" "data hsm_note=no template may be sent" 'queue "hsmctl_default"' \
	< <(scenario "$order | .tables.hsmctl_templates[\"order_confirmation:en_US\"] = {use: \"none\", template: \"\", language: \"en_US\"}")
run "the table has no row" "$context" "$lookup" "data hsm_note=the table has no such template" 'queue "hsmctl_default"' \
	< <(scenario "$order | .tables.hsmctl_templates = {}")
run "the table is not read" "$context" "$lookup" "data hsm_note=the table of templates was not read" 'queue "hsmctl_default"' \
	< <(scenario "$order | .tables.hsmctl_templates = null")
run "a template that is none of the flow's" "$context" "data hsm_note=this flow has no such template" 'queue "hsmctl_default"' \
	< <(scenario "$order | .data.hsm_template = \"other\"")
run "nothing is asked for" "$context" "data hsm_note=no button, and no template asked for" 'queue "hsmctl_default"' < <(scenario)

tap='.message.whatsapp_button_payload = '
mapfile -t agent < <(tapped PAYLOAD_SPEAK_AGENT)
mapfile -t check_order < <(tapped PAYLOAD_CHECK_ORDER)
run "a button leads to its queue" "$context" "lookup hsmctl_routes PAYLOAD_SPEAK_AGENT" "${agent[@]}" 'queue "agent_queue"' \
	< <(scenario "$tap \"PAYLOAD_SPEAK_AGENT\" | $order")
run "a stale one to the default" "$context" "lookup hsmctl_routes PAYLOAD_CHECK_ORDER" "${check_order[@]}" "data hsm_note=stale button" \
	'queue "hsmctl_default"' < <(scenario "$tap \"PAYLOAD_CHECK_ORDER\"")
run "so does an ambiguous one" "$context" "lookup hsmctl_routes PAYLOAD_CHECK_ORDER" "${check_order[@]}" "data hsm_note=stale button" \
	'queue "hsmctl_default"' < <(scenario "$tap \"PAYLOAD_CHECK_ORDER\" | .tables.hsmctl_routes.PAYLOAD_CHECK_ORDER.state = \"ambiguous\"")
run "an unknown one, too" "$context" "data hsm_note=unknown button" 'queue "hsmctl_default"' < <(scenario "$tap \"PAYLOAD_X\\\"\"")
mapfile -t without < <(tapped PAYLOAD_CHECK_ORDER "")
run "without the table git knows" "$context" "lookup hsmctl_routes PAYLOAD_CHECK_ORDER" "${without[@]}" 'queue "order_lookup"' \
	< <(scenario "$tap \"PAYLOAD_CHECK_ORDER\" | .tables.hsmctl_routes = null")
run "so it does without its row" "$context" "lookup hsmctl_routes PAYLOAD_CHECK_ORDER" "${without[@]}" 'queue "order_lookup"' \
	< <(scenario "$tap \"PAYLOAD_CHECK_ORDER\" | .tables.hsmctl_routes = {}")

# Targets of all kinds, and another queue.
sed -i 's/PAYLOAD_CHECK_ORDER: order_lookup/PAYLOAD_CHECK_ORDER: flow:order_lookup/; s/PAYLOAD_SPEAK_AGENT: agent_queue/PAYLOAD_SPEAK_AGENT: none/' templates/support_menu.yaml
expect 0 "a flow, and nothing" "$hsmctl" flow --name 'Support flow' --queue 'Support, general'
valid "are targets"
cp "$work/out" "$work/flow.yaml"
run "a bot flow is called" "$context" "lookup hsmctl_routes PAYLOAD_CHECK_ORDER" "${check_order[@]}" 'bot "order_lookup"' \
	"data hsm_note=the bot is done" 'queue "Support, general"' < <(scenario "$tap \"PAYLOAD_CHECK_ORDER\" | .tables.hsmctl_routes.PAYLOAD_CHECK_ORDER.state = \"current\"")
run "a button that leads nowhere" "$context" "lookup hsmctl_routes PAYLOAD_SPEAK_AGENT" "${agent[@]}" disconnect < <(scenario "$tap \"PAYLOAD_SPEAK_AGENT\"")
equals "the flow's name" "$(sed -n 's/^  name: //p' "$work/out")" '"Support flow"'
sed -i 's/PAYLOAD_SPEAK_AGENT: none/PAYLOAD_SPEAK_AGENT: "flow:"/' templates/support_menu.yaml
expect 65 "a flow without a name" "$hsmctl" flow
contains err "is said" "'PAYLOAD_SPEAK_AGENT' of support_menu leads to 'flow:', which names no flow"
git checkout -q templates

# The controller's tables.
printf 'data_table: {name: My templates, tables: 4}\nroutes_table: {name: routes, tables: 2}\ndefault_language: es_ES\n' >"$work/serve.yaml"
expect 0 "the controller's file" "$hsmctl" flow --serve "$work/serve.yaml"
valid "gives the tables"
cp "$work/out" "$work/flow.yaml"
# 1 + (the first four bytes of SHA-256) modulo tables
table() { echo "$2_$((1 + 16#$(printf %s "$1" | sha256sum | cut -c1-8) % $3))"; }
orders=$(table order_confirmation "My templates" 4)
run "a template is in its own" "$context" "lookup $orders order_confirmation:es_ES" "data hsm_note=the table has no such template" 'queue "hsmctl_default"' \
	< <(scenario "$order | .data.hsm_language = \"ja\" | .tables = {\"$orders\": {}}")
for payload in PAYLOAD_CHECK_ORDER PAYLOAD_SPEAK_AGENT; do
	mapfile -t without < <(tapped "$payload" "")
	run "$payload is in its own" "$context" "lookup $(table $payload routes 2) $payload" "${without[@]}" \
		"$([ $payload = PAYLOAD_SPEAK_AGENT ] && echo 'queue "agent_queue"' || echo 'queue "order_lookup"')" \
		< <(scenario "$tap \"$payload\" | .tables = {\"$(table $payload routes 2)\": {}}")
done
expect 66 "no such file" "$hsmctl" flow --serve "$work/nothing.yaml"
printf 'data_tabel: {}\n' >"$work/serve.yaml"
expect 78 "a wrong one" "$hsmctl" flow --serve "$work/serve.yaml"

# One button, two targets.
sed 's/^name: .*/name: other_menu/; s/: agent_queue/: other_queue/; s/How can we help you today/What can we do for you now/' templates/support_menu.yaml >templates/other_menu.yaml
expect 65 "a button that leads to two" "$hsmctl" flow
contains err "names both" "'PAYLOAD_SPEAK_AGENT' leads to 'other_queue' in other_menu and to 'agent_queue' in support_menu"
expect 0 "one of them" "$hsmctl" flow support_menu
sed -i 's/: other_queue/: agent_queue/' templates/other_menu.yaml
expect 0 "that agree" "$hsmctl" flow
valid "are one case"
equals "it is there once" "$(grep -c 'State.Payload == ' "$work/out")" 2
rm templates/other_menu.yaml
printf 'name: broken\ncategory: UTILITY\ntranslations:\n  en_US: {body: "Hi {{name}}, there."}\n' >templates/broken.yaml
expect 65 "a broken file" "$hsmctl" flow
equals "writes nothing" "$(cat "$work/out")" ""
rm templates/broken.yaml

# Texts that would break out: of YAML, of an expression, of a comment, of a deployment's substitutions.
rm templates/*.yaml
cat >templates/hostile.yaml <<'YAML'
name: hostile
category: UTILITY
parameters: {who: {default: Ana}}
translations:
  en_US: {body: "Say \"+State.Payload+\" or \\\" to {{who}}: it's # a {\"x\"} 😀 \\n\nsecond line, 50% %s."}
  es_ES: {body: "- * & ! | > ' [a] {{who}} ñ \\", footer: "yes: no"}
YAML
cat >templates/targets.yaml <<'YAML'
name: targets
category: UTILITY
translations:
  en_US:
    body: Please choose one of these.
    buttons:
      - reply: {id: A, title: First}
      - reply: {id: B, title: Second}
      - reply: {id: C, title: Third}
routes:
  A: "a\"b\\c: # d\ne {{f}} {{{g}}}"
  B: "flow:x\u2028y '\"+ *z"
  C: "\u0007\u009b- yes"
YAML
expect 0 "hostile texts" "$hsmctl" flow --queue '"}]: #' --name $'a\n- b {{c}}'
valid "stay texts"
cp "$work/out" "$work/flow.yaml"
equals "no control character" "$(LC_ALL=C tr -d '\n -~\200-\377' <"$work/out" | wc -c)" 0
hostile='.data = {hsm_template: "hostile"} | .actions.hsmctl_context.answer = {session_status: "OPEN", parameter_who: "Ana"}'
run "as they are in git" "$context" 'response "Say \"+State.Payload+\" or \\\" to Ana: it'"'"'s # a {\"x\"} 😀 \\n\nsecond line, 50% %s."' \
	"data hsm_template=" disconnect < <(scenario "$hostile")
run "and these" "$context" 'response "- * & ! | > '"'"' [a] Ana ñ \\\nyes: no"' "data hsm_template=" disconnect \
	< <(scenario "$hostile | .data.hsm_language = \"es_ES\"")
run "a queue" "$context" "lookup hsmctl_routes A" "data hsm_payload=A" "data hsm_payload_template=" "data hsm_context=crm-7" \
	'queue "a\"b\\c: # d\ne {{f}} {{{g}}}"' < <(scenario "$tap \"A\"")
run "a bot flow" "$context" "lookup hsmctl_routes B" "data hsm_payload=B" "data hsm_payload_template=" "data hsm_context=crm-7" \
	"$(printf 'bot "x\u2028y '"'"'\\"+ *z"')" "data hsm_note=the bot is done" 'queue "\"}]: #"' < <(scenario "$tap \"B\"")

# More cases than a switch may have.
rm templates/*.yaml
for number in $(seq 130); do
	template "many_$number" en_US "This is the template number $number of many."
done
expect 0 "130 templates" "$hsmctl" flow
valid "are a flow of switches in switches"
cp "$work/out" "$work/flow.yaml"
for number in 1 63 64 127; do
	run "number $number" "$context" "response \"This is the template number $number of many.\"" "data hsm_template=" disconnect \
		< <(scenario ".data = {hsm_template: \"many_$number\"} | .actions.hsmctl_context.answer.session_status = \"OPEN\"")
done
run "none of them" "$context" "data hsm_note=this flow has no such template" 'queue "hsmctl_default"' < <(scenario '.data = {hsm_template: "many_131"}')

# The schema refuses what is none.
refused() {
	sed "$2" "$work/flows/all/flow.yaml" >"$work/spoiled.yaml"
	if flow_tool check "$top/tests/e2e/archy-flow.schema.json" "$work/spoiled.yaml" >"$work/out" 2>&1; then bad "$1"; else ok "$1"; fi
}
refused "yes without quotes" 's/^\( *\)"yes":/\1yes:/'
refused "an action that is none" 's/sendResponse:/sendRespones:/'
refused "a value that is none" 's/lit: CLOSED/literal: CLOSED/'
refused "another root" 's/^inboundShortMessage:/inboundMessage:/'
refused "a literal that does not end" 's/ == \\"order_confirmation\\"/ == \\"order_confirmation/'
refused "a variable that is not declared" 's/IsNotSetOrEmpty(State.Payload)/IsNotSetOrEmpty(State.Other)/'
finish
