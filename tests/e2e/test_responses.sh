#!/bin/bash
# The canned responses of Genesys Cloud beside templates that Meta holds: one for each active version.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/meta.sh"
. "$(dirname "$0")/serve.sh"

account=102290129340398765 # of an integration of the emulator's
export GC_ID=id-of-the-organisation GC_SECRET=planted-secret-of-genesys

# config LIBRARY [MORE]: hsmctl.yaml
config() {
	cat >hsmctl.yaml <<-YAML
		backend: meta
		environments:
		  dev:
		    base_url: $url
		    account: "$account"
		    app: "$app"
		    genesys:
		      base_url: $url
		      credentials: {client_id: GC_ID, client_secret: GC_SECRET}
		      library: "$1"
		${2:-}
	YAML
}

# order EN ES: the template of most of what follows
order() {
	cat >templates/order.yaml <<-YAML
		name: order
		category: UTILITY
		parameters:
		  order_id: {default: A-1}
		  eta: {default: Monday}
		translations:
		  en_US:
		    header: "Order {{order_id}}"
		    body: "$1 {{order_id}} comes on {{eta}} with the courier."
		    footer: Reply STOP to opt-out.
		    buttons:
		      - url: {title: See it, url: "https://shop.example.com/{{order_id}}"}
		      - reply: {title: Stop, id: STOP}
		  es_ES:
		    header: "Pedido {{order_id}}"
		    body: "$2 {{order_id}} llega el {{eta}} con el mensajero."
		    footer: Responda STOP para darse de baja.
		    buttons:
		      - url: {title: Verlo, url: "https://shop.example.com/{{order_id}}"}
		      - reply: {title: Basta, id: STOP}
		routes: {STOP: none}
	YAML
}

# genesys METHOD PATH [BODY]: the organisation's API, as somebody else uses it
genesys() {
	local token
	token=$(curl -sS -u id:secret -d grant_type=client_credentials "$url/oauth/token" | jq -r .access_token)
	curl -fsS -X "$1" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' ${3:+-d "$3"} "$url/api/v2/$2"
}

state() { admin GET state; }
# responses [JQ]: "name template language", of each
responses() { state | jq -r '.responses[] | "\(.name)|\(.messagingTemplate.whatsApp.name // "-") \(.messagingTemplate.whatsApp.language // "-")"' | sort; }
# id TEMPLATE LANGUAGE: of its response
id() { state | jq -r --arg t "$1" --arg l "$2" '[.responses[] | select(.messagingTemplate.whatsApp | .name == $t and .language == $l) | .id][0] // ""'; }
# change ID JQ: somebody changes one
change() { genesys PUT "responsemanagement/responses/$1" "$(genesys GET "responsemanagement/responses/$1" | jq -c "$2")" >/dev/null; }
# rows [FILE]: "action kind name languages reason" of a plan
rows() { "$hsmctl" "${@:-plan}" --format json 2>/dev/null | jq -r '.changes[] | "\(.action) \(.kind) \(.name) \((.languages // []) | join(","))\(if .reason then ": " + .reason else "" end)"'; }
use() { admin POST dependencies "$(jq -cn --arg id "$1" --arg name "$2" '[{objectType: "RESPONSE", objectId: $id, id: "f", name: $name, type: "INBOUNDSHORTMESSAGEFLOW", version: "1.0"}]')" >/dev/null; }
send_by_campaign() { admin POST campaigns "$(jq -cn --arg id "$1" '[{id: "c", name: "Spring", whatsAppConfig: {contentTemplate: {id: $id}}}]')" >/dev/null; }

echo "== created once a version is active"
emulator --review manual
meta_repository
config "WhatsApp dev"
order "Your order" "Su pedido"
commit "first"
expect 0 "the templates are submitted" "$hsmctl" apply --yes
equals "while nothing is active there is no response to make" "$(rows)" "wait template order_v1 en_US,es_ES: PENDING"
admin POST review '{"name":"*","language":"*","status":"APPROVED"}' >/dev/null
forget
expect 2 "then there is" "$hsmctl" plan --detailed-exitcode
equals "the requests: a token, the integrations, the library" "$(requests GET '^/api/v2/') $(requests POST '.*')" "2 1"
equals "the library is to be made, too" "$(rows)" "create library WhatsApp dev 
create response order_v1 en_US,es_ES"
contains out "in the text" "create  response order_v1"
contains out "three requests" "(3 requests)"
expect 2 "drift tells" "$hsmctl" drift
for format in markdown html json; do
	expect 0 "$format" "$hsmctl" plan --format $format
	contains out "$format shows them" "order_v1"
	contains out "$format shows the library" "WhatsApp dev"
done
forget
expect 0 "apply makes them" "$hsmctl" apply --yes
contains err "it says what it makes" "create response order_v1 en_US: done"
equals "one request each" "$(requests POST '/responsemanagement/(responses|libraries)$')" 3
equals "by name and language" "$(responses)" "order_v1 en_US|order_v1 en_US
order_v1 es_ES|order_v1 es_ES"
equals "what it holds" "$(state | jq -cS '.responses[] | select(.messagingTemplate.whatsApp.language == "en_US") | [.texts, .substitutions, .messagingTemplate.whatsApp, .responseType]')" \
	"$(jq -cnS '[[{content: "Your order {{2}} comes on {{3}} with the courier.", contentType: "text/plain", type: "body"}],
		[{id: "1", description: "order_id", defaultValue: "A-1"}, {id: "2", description: "order_id", defaultValue: "A-1"},
		 {id: "3", description: "eta", defaultValue: "Monday"}, {id: "4", description: "order_id", defaultValue: "A-1"}],
		{name: "order_v1", language: "en_US", header: {type: "Text", content: "Order {{1}}"},
		 messageFooter: {type: "Text", content: "Reply STOP to opt-out."},
		 buttons: [{type: "Url", content: "https://shop.example.com/{{4}}", contentText: "See it"}, {type: "QuickReply", contentText: "Stop"}]},
		"MessagingTemplate"]')"
forget
expect 0 "nothing to do then" "$hsmctl" plan --detailed-exitcode
equals "the requests: one more, for all responses" "$(requests GET '^/api/v2/') $(requests POST '/query$') $(requests POST '.*')" "2 1 2"
expect 0 "nor by prune" "$hsmctl" plan --prune --detailed-exitcode
equals "which asks for nobody who uses one" "$(requests GET 'architect|outbound')" 0

echo "== it can be sent"
integration=$(genesys GET conversations/messaging/integrations/whatsapp | jq -r --arg a "$account" '.entities[] | select(.whatsAppBusinessAccountId == $a) | .id')
message() {
	genesys POST conversations/messages/agentless "$(jq -cn --arg from "$integration" --arg id "$(id order_v1 en_US)" \
		'{fromAddress: $from, toAddress: "13175555555", toAddressMessengerType: "whatsapp", messagingTemplate: {responseId: $id,
		headerParameters: [{id: "1", value: "B-7"}], bodyParameters: [{id: "2", value: "B-7"}, {id: "3", value: "Friday"}],
		buttonUrlParameters: [{id: "4", value: "B-7"}]}}')" | jq -r .id
}
sent=$(message)
admin POST clock '{"advance_seconds": 86400}' >/dev/null
equals "the account has what it names, with as many parameters" "$(genesys GET "conversations/messages/$sent/details" | jq -r .status)" delivery-success

echo "== what others change"
english=$(id order_v1 en_US)
change "$english" '.name = "Anas response" | .texts[0].content = "Hello {{2}} {{3}}"'
expect 2 "a changed text differs" "$hsmctl" plan --detailed-exitcode
contains out "with what it was" "- Hello {{2}} {{3}}"
contains out "and its name" "+ order_v1 en_US"
contains out "it was nobody in git" "out-of-band"
equals "it is an update" "$(rows)" "update response order_v1 en_US"
expect 0 "apply" "$hsmctl" apply --yes
equals "its id stays" "$(id order_v1 en_US) $(state | jq -r --arg id "$english" '.responses[] | select(.id == $id) | "\(.name) \(.texts[0].content)"')" \
	"$english order_v1 en_US Your order {{2}} comes on {{3}} with the courier."
change "$english" '.texts[0].content += "\r\n" | del(.texts[0].contentType, .texts[0].type)'
expect 0 "other line ends and what is left out are no difference" "$hsmctl" plan --detailed-exitcode
agents=$(genesys POST responsemanagement/libraries '{"name":"Agents"}' | jq -r .id)
change "$english" ".libraries += [{id: \"$agents\"}] | .texts[0].content = \"Hi\""
expect 0 "what stands in two libraries is written" "$hsmctl" apply --yes
equals "and stays in both" "$(state | jq -c --arg id "$english" '.responses[] | select(.id == $id) | [(.libraries | length), .texts[0].content]')" \
	'[2,"Your order {{2}} comes on {{3}} with the courier."]'
change "$english" 'del(.libraries[1])'

echo "== what is not ours"
library=$(state | jq -r '.libraries[] | select(.name == "WhatsApp dev") | .id')
foreign() { genesys POST responsemanagement/responses "$(jq -cn --arg l "$library" "{name: \"Mine\", libraries: [{id: \$l}], texts: [{content: \"Hi\"}]} + $1")" >/dev/null; }
foreign '{}'
foreign '{responseType: "MessagingTemplate", messagingTemplate: {whatsApp: {name: "somebody_elses", language: "en_US"}}}'
foreign '{responseType: "MessagingTemplate", messagingTemplate: {whatsApp: {name: "order_v1", language: "fr_FR"}}}'
expect 0 "a plain one, another template's, another language's are no difference" "$hsmctl" plan --prune --detailed-exitcode
equals "and are there" "$(responses | grep -c ^Mine)" 3

echo "== a replaced version moves the response"
order "Your parcel" "Su pedido"
commit "parcels"
expect 0 "the new version is submitted" "$hsmctl" apply --yes
equals "while it waits the old one's response stays" "$(rows plan --prune)" "wait template order_v2 en_US: PENDING"
admin POST review '{"name":"*_v2","language":"*","status":"APPROVED"}' >/dev/null
equals "then it has its own" "$(rows)" "create response order_v2 en_US"
expect 0 "apply" "$hsmctl" apply --yes
equals "beside the old one" "$(responses | grep ^order)" "order_v1 en_US|order_v1 en_US
order_v1 es_ES|order_v1 es_ES
order_v2 en_US|order_v2 en_US"
expect 0 "which stays without --prune, and is no difference" "$hsmctl" plan --detailed-exitcode
equals "with it it goes" "$(rows plan --prune)" "delete response order_v1 en_US: order_v2 is active"

echo "== nothing goes that somebody uses"
use "$english" "Order flow"
equals "a flow: it says which" "$(rows plan --prune)" "blocked response order_v1 en_US: used by flow 'Order flow'"
expect 0 "apply leaves it" "$hsmctl" apply --prune --yes
equals "there it is" "$(id order_v1 en_US)" "$english"
contains err "and warns" "used by flow 'Order flow'"
expect 6 "--strict" "$hsmctl" apply --prune --yes --strict
admin POST dependencies '[]' >/dev/null
send_by_campaign "$english"
equals "a campaign: likewise" "$(rows plan --prune)" "blocked response order_v1 en_US: used by campaign 'Spring'"
use "$english" "Order flow"
equals "both" "$(rows plan --prune)" "blocked response order_v1 en_US: used by flow 'Order flow', campaign 'Spring'"
admin POST campaigns '[]' >/dev/null
# With one version kept the old one would be retired.
sed -i '$a lifecycle: {keep: 1}' templates/order.yaml
commit "keep one"
order "Your box" "El pedido" && sed -i '$a lifecycle: {keep: 1}' templates/order.yaml
commit "boxes"
expect 0 "a third version" "$hsmctl" apply --yes
admin POST review '{"name":"*_v3","language":"*","status":"APPROVED"}' >/dev/null
expect 0 "is active, with its responses" "$hsmctl" apply --yes
equals "the version of a used response is not retired, either" "$(rows plan --prune)" \
	"blocked template order_v1 en_US: its response is used by flow 'Order flow'
delete response order_v1 es_ES: order_v3 is active
delete response order_v2 en_US: order_v3 is active
blocked response order_v1 en_US: used by flow 'Order flow'"
admin POST dependencies '[]' >/dev/null
equals "what nobody uses goes, and its version" "$(rows plan --prune)" \
	"retire template order_v1 en_US
delete response order_v1 en_US,es_ES: order_v3 is active
delete response order_v2 en_US: order_v3 is active"
genesys PUT "responsemanagement/responses/$english" "$(genesys GET "responsemanagement/responses/$english" | jq -c ".libraries += [{id: \"$agents\"}]")" >/dev/null
equals "what is in somebody else's library stays" "$(rows plan --prune | grep 'response order_v1 en_US')" "blocked response order_v1 en_US: it stands in another library, too"
change "$english" '.libraries |= map(select(.id != "'"$agents"'"))'

echo "== saved plans"
expect 0 "a plan is saved" "$hsmctl" plan --prune --out "$work/plan"
use "$english" "New flow"
expect 4 "a response that is used since makes it stale" "$hsmctl" apply "$work/plan" --yes
contains err "it says which" "order_v1 en_US (response) is used since"
admin POST dependencies '[]' >/dev/null
change "$english" '.texts[0].content = "Hi"'
expect 4 "or one that was changed" "$hsmctl" apply "$work/plan" --yes
contains err "it says that, too" "order_v1 en_US (response) was changed since"
change "$english" '.texts[0].content = "Your order {{2}} comes on {{3}} with the courier."'
hash=$("$hsmctl" show "$work/plan" --format json | jq -r .hash)
expect 0 "what it touches is as it was: it is applied" "$hsmctl" apply "$work/plan" --yes
equals "the responses went, and the version" "$(responses | grep ^order) $(call GET "$account/message_templates?fields=name,language,status" | jq -c '[.data[] | select(.name == "order_v1" and .language == "en_US" and .status == "APPROVED")] | length')" \
	"order_v3 en_US|order_v3 en_US
order_v3 es_ES|order_v3 es_ES 0"
expect 0 "again: done already" "$hsmctl" apply "$work/plan" --yes
contains out "all of it" "4 done already"
expect 4 "--expect of a plan that is done" "$hsmctl" apply --prune --yes --expect "$hash"
change "$(id order_v3 en_US)" '.texts[0].content = "Hi"'
hash=$("$hsmctl" plan --format json | jq -r .hash)
expect 0 "--expect of this one" "$hsmctl" apply --yes --expect "$hash"
change "$(id order_v3 en_US)" '.texts[0].content = "Hi"'
expect 0 "another plan is saved" "$hsmctl" plan --out "$work/plan"
sed 's/Your box/Your bag/' "$work/plan" >"$work/forged"
expect 4 "a plan whose text was changed is refused" "$hsmctl" apply "$work/forged" --yes
expect 0 "the right one is applied" "$hsmctl" apply "$work/plan" --yes

echo "== what goes from git"
git rm -q templates/order.yaml && commit "no orders"
mkdir -p templates
template hello en_US "Hello from the shop of all shops."
commit "hello"
equals "a template and its responses" "$(rows plan --prune)" "create template hello_v1 en_US
delete template order_v1 es_ES: waits until every translation in git is APPROVED: 1 is not
delete template order_v2 en_US: waits until every translation in git is APPROVED: 1 is not
delete template order_v3 en_US,es_ES: waits until every translation in git is APPROVED: 1 is not
delete response order_v3 en_US,es_ES: waits until every translation in git is APPROVED: 1 is not"
expect 0 "apply" "$hsmctl" apply --yes
admin POST review '{"name":"hello*","language":"*","status":"APPROVED"}' >/dev/null
use "$(id order_v3 es_ES)" "Order flow"
equals "who uses one keeps its version" "$(rows plan --prune)" "delete template order_v1 es_ES
delete template order_v2 en_US
delete template order_v3 en_US
blocked template order_v3 es_ES: its response is used by flow 'Order flow'
create response hello_v1 en_US
delete response order_v3 en_US: git has no more of it
blocked response order_v3 es_ES: used by flow 'Order flow'"
admin POST dependencies '[]' >/dev/null
expect 0 "apply" "$hsmctl" apply --prune --yes
equals "the responses of git are there, and those of others" "$(responses)" "Mine|- -
Mine|order_v1 fr_FR
Mine|somebody_elses en_US
hello_v1 en_US|hello_v1 en_US"
expect 0 "nothing is left to do" "$hsmctl" plan --prune --detailed-exitcode

echo "== what no PUT changes"
hello=$(id hello_v1 en_US)
genesys DELETE "responsemanagement/responses/$hello"
foreign '{responseType: "MessagingTemplate", messagingTemplate: {whatsApp: {name: "hello_v1", language: "en_US", messageFooter: {content: "Bye"}}}}'
equals "another footer: another response takes its place" "$(rows)" "create response hello_v1 en_US: what is there differs in what can't be changed in place"
expect 0 "apply" "$hsmctl" apply --yes
equals "with --prune the old one goes" "$(rows plan --prune)" "delete response hello_v1 en_US: another one takes its place"
expect 0 "apply --prune" "$hsmctl" apply --yes --prune
equals "one is left" "$(responses | grep -c 'hello_v1 en_US$')" 1
genesys DELETE "responsemanagement/responses/$(id hello_v1 en_US)"
for _ in 1 2; do foreign '{responseType: "MessagingTemplate", messagingTemplate: {whatsApp: {name: "hello_v1", language: "en_US", messageFooter: {content: "Bye"}}}}'; done
equals "several that are wrong are not made more" "$(rows)" "blocked response hello_v1 en_US: 2 responses name it, and none is as it should be: delete those that are wrong"
while [ -n "$(id hello_v1 en_US)" ]; do genesys DELETE "responsemanagement/responses/$(id hello_v1 en_US)"; done

echo "== answers that are lost, versions that move, servers that rewrite"
fault() { admin POST faults "$(jq -cn '$ARGS.positional' --args "$@")" >/dev/null; }
clear_faults() { admin DELETE faults >/dev/null; }
fault 'POST:/api/v2/responsemanagement/responses:reset-after:at=1'
expect 0 "a create whose answer is lost" "$hsmctl" apply --yes
equals "is done once" "$(responses | grep -c 'hello_v1 en_US$')" 1
clear_faults
genesys DELETE "responsemanagement/responses/$(id hello_v1 en_US)"
fault 'POST:/api/v2/responsemanagement/responses:reset-before:at=1'
expect 0 "one that never came" "$hsmctl" apply --yes
equals "is done once, too" "$(responses | grep -c 'hello_v1 en_US$')" 1
clear_faults
hello=$(id hello_v1 en_US)
change "$hello" '.name = "x"'
fault 'PUT:/api/v2/responsemanagement/responses/*:reset-after:at=1'
forget
expect 0 "an update whose answer is lost" "$hsmctl" apply --yes
equals "is found to be done" "$(requests PUT responses) $(state | jq -r --arg id "$hello" '.responses[] | select(.id == $id) | .name')" "2 hello_v1 en_US"
clear_faults
change "$hello" '.name = "x"'
expect 0 "a plan is saved" "$hsmctl" plan --out "$work/plan"
change "$hello" '.'
expect 0 "a version that moved, with the same content, is read again" "$hsmctl" apply "$work/plan" --yes
clear_faults
genesys DELETE "responsemanagement/responses/$hello"
fault 'POST:/api/v2/responsemanagement/responses:rewrite'
expect 1 "a server that keeps something else stops the apply" "$hsmctl" apply --yes
contains err "it says so" "keeps other content than was sent"
clear_faults
genesys DELETE "responsemanagement/responses/$(id hello_v1 en_US)"
fault 'POST:/api/v2/responsemanagement/responses:status=412:at=1'
expect 0 "a 412 that passes is repeated" "$hsmctl" apply --yes
clear_faults

echo "== pages, libraries, organisations"
many=$(curl -sS -u id:secret -d grant_type=client_credentials "$url/oauth/token" | jq -r .access_token)
for _ in $(seq 510); do
	printf 'next\nurl = "%s/api/v2/responsemanagement/responses"\noutput = /dev/null\nheader = "Authorization: Bearer %s"\n' "$url" "$many"
	printf 'header = "Content-Type: application/json"\ndata = "{\\"name\\":\\"n\\",\\"libraries\\":[{\\"id\\":\\"%s\\"}],\\"texts\\":[{\\"content\\":\\"x\\"}]}"\n' "$library"
done >"$work/many"
curl -fsS -K "$work/many"
forget
expect 0 "500 responses a page" "$hsmctl" plan --detailed-exitcode
equals "511 are two pages" "$(requests POST '/query$')" 2
config "WhatsApp test"
commit "another library"
equals "another library holds its own" "$(rows)" "create library WhatsApp test 
create response hello_v1 en_US"
expect 0 "apply" "$hsmctl" apply --yes
equals "beside the other's" "$(responses | grep -c 'hello_v1 en_US$')" 2
genesys POST responsemanagement/libraries '{"name":"WhatsApp test"}' >/dev/null
expect 78 "two libraries of one name" "$hsmctl" plan
contains err "it says that" "2 libraries are called 'WhatsApp test'"
admin POST integrations '[{"id":"i","name":"Other","phoneNumber":"+1","whatsAppBusinessAccountId":"7"}]' >/dev/null
expect 78 "an organisation without an integration of the account" "$hsmctl" plan
contains err "it says whose it has" "no WhatsApp integration of the account $account, but of 7"
expect 78 "nothing is written there" "$hsmctl" apply --yes

echo "== doctor and serve"
kill "$emulator_pid"
emulator --review approve
meta_repository "$work/author"
config "WhatsApp dev"
order "Your order" "Su pedido"
commit "first"
expect 0 "doctor" "$hsmctl" doctor
contains out "knows that a library is to be made" "there is no library 'WhatsApp dev' yet"
git clone -q --bare . "$work/origin.git"
git remote add origin "$work/origin.git"
cat >"$work/serve.yaml" <<-YAML
	listen: 127.0.0.1:0
	environment: dev
	registry: sqlite:$work/registry.db
	tokens: [FLOW_TOKEN]
	webhook: {secret: HOOK_SECRET}
	push: {secret: PUSH_SECRET}
	repository: {url: file://$work/origin.git, mirror: $work/mirror.git}
	mode: apply
YAML
serve "$work/serve.yaml"
until_equals "a controller makes the responses of what it applied" "order_v1 en_US|order_v1 en_US
order_v1 es_ES|order_v1 es_ES" responses
order "Your parcel" "Su pedido"
commit "parcels"
git push -q origin main && post /webhooks/push '{}' "$PUSH_SECRET" >/dev/null
until_equals "and of what comes, and deletes none" "order_v1 en_US|order_v1 en_US
order_v1 es_ES|order_v1 es_ES
order_v2 en_US|order_v2 en_US" responses
stop
equals "a clean end" $? 0
expect 0 "doctor" "$hsmctl" doctor
contains out "counts them" "3 of WhatsApp in the library 'WhatsApp dev', for 1 integration of the account"

echo "== hsmctl.yaml"
# wrong NAME TEXT MORE: a line more of genesys, and what is said of it
wrong() {
	config "WhatsApp dev"
	sed -i "/library:/a\\      $3" hsmctl.yaml
	expect 78 "$1" "$hsmctl" plan
	contains err "$1: at its line" "hsmctl.yaml:$2"
}
wrong "region and base_url" "8:17: error" "region: eu-west-1"
wrong "an unknown key" "11:7: error" "librari: x"
sed -i '/library:/d; /librari:/d' hsmctl.yaml
expect 78 "no library" "$hsmctl" plan
contains err "no library: at its line" "missing key 'library'"
config "WhatsApp dev"
sed -i 's/client_secret: GC_SECRET/access_token: X/' hsmctl.yaml
expect 78 "Meta's kind of credentials" "$hsmctl" plan
contains err "says which is which" "'access_token' is Meta's"
printf 'environments:\n  dev:\n    base_url: %s\n    genesys: {base_url: %s, library: x}\n' "$url" "$url" >hsmctl.yaml
expect 78 "beside another backend" "$hsmctl" plan
contains err "is for Meta's" "'genesys' is for backend: meta"
config "WhatsApp dev"
unset GC_SECRET
expect 77 "no credentials" "$hsmctl" plan
contains err "it names them" "genesys: there are no credentials: set GC_SECRET"
export GC_SECRET=planted-secret-of-genesys
sed -i 's/library:/organization: other\n      library:/' hsmctl.yaml
expect 77 "another organisation" "$hsmctl" plan
contains err "nothing was done" "nothing was done"
config "WhatsApp dev"
expect 0 "validate needs none of that" "$hsmctl" validate
finish
