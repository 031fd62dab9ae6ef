#!/bin/bash
# Buttons: ids and tokens in files, where they lead by the controller's API, and the same as a data table.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/live.sh"
. "$(dirname "$0")/serve.sh"

# menu BODY BUTTON_LINES ROUTES
menu() { printf 'name: menu\ncategory: UTILITY\ntranslations:\n  en_US:\n    body: "%s"\n    buttons:\n%s\nroutes: %s\nlifecycle: {on_breaking: publish}\n' "$@" >templates/menu.yaml; }
order='      - reply: {id: CHECK_ORDER, data: {tier: gold, step: "2"}, title: My order}'
agent='      - reply: {id: SPEAK_AGENT, title: An agent}'
later='      - reply: {id: LATER, title: Later}'
order_token=T1_Q0hFQ0tfT1JERVI_c3RlcD0yJnRpZXI9Z29sZA # CHECK_ORDER?step=2&tier=gold
other_token=T1_Q0hFQ0tfT1JERVI_c3RlcD0z               # CHECK_ORDER?step=3

emulator --review approve
repository "$work/author"
menu "How can we help you today?" "$order
$agent
$later" '{CHECK_ORDER: order_lookup, SPEAK_AGENT: agent_queue, LATER: none}'
cat >templates/rating.yaml <<'Y'
name: rating
category: UTILITY
translations:
  en_US:
    body: How was it, all in all?
    buttons:
      - reply: {id: RATE, data: {stars: "1"}, title: Bad}
      - reply: {id: RATE, data: {stars: "5"}, title: Good}
      - reply: {id: LATER, title: Later}
routes: {RATE: survey, LATER: callback}
Y
template plain en_US "Your order is on its way to you, thank you."
commit "First"
git clone -q --bare . "$work/origin.git"
git remote add origin "$work/origin.git"

echo "== files"
expect 0 "data beside an id is valid" "$hsmctl" validate --strict
expect 0 "a preview" "$hsmctl" preview menu
contains out "says what a button sends, for people" "CHECK_ORDER?step=2&tier=gold"
sed -i 's/step: "2"/order: A-1234567/' templates/menu.yaml
expect 0 "a long number in data" "$hsmctl" validate
contains out "is warned of" "warning HSM175: a number of 6 digits or more"
sed -i 's/A-1234567/555-123-4567/' templates/menu.yaml
expect 65 "a phone number" "$hsmctl" validate
contains out "is an error" "error HSM174: data that looks like a phone number"
git checkout -q templates

echo "== answers"
cat >"$work/serve.yaml" <<Y
listen: 127.0.0.1:0
environment: dev
registry: sqlite:$work/registry.db
tokens: [FLOW_TOKEN]
webhook: {secret: HOOK_SECRET}
push: {secret: PUSH_SECRET}
repository: {url: file://$work/origin.git, mirror: $work/mirror.git}
mode: apply
data_table: {name: hsmctl_templates}
routes_table: {name: hsmctl_routes}
Y
push() { git push -q origin main && post /webhooks/push '{}' "$PUSH_SECRET" >/dev/null; }
# route PAYLOAD [QUERY]: "STATUS BODY", the message left out
route() { printf '%s ' "$(ask "/v1/routes/$1${2:-}")"; jq -c 'del(.message)' "$work/out"; }

serve "$work/serve.yaml"
until_equals "what git says is in use" "template menu_v1" use menu en_US
equals "the live button has the token" "$(admin GET state | jq -r '.templates[] | select(.name == "menu_v1") | .components[] | select(.type == "BUTTONS") | .buttons[0].reply.id')" "$order_token"
until_equals "a token leads where its id does" \
	"200 {\"payload\":\"$order_token\",\"id\":\"CHECK_ORDER\",\"data\":{\"step\":\"2\",\"tier\":\"gold\"},\"template\":\"menu\",\"target\":\"order_lookup\",\"state\":\"current\"}" \
	route "$order_token"
equals "with other data, too" "$(route "$other_token")" \
	"200 {\"payload\":\"$other_token\",\"id\":\"CHECK_ORDER\",\"data\":{\"step\":\"3\"},\"template\":\"menu\",\"target\":\"order_lookup\",\"state\":\"current\"}"
agent_answer='200 {"payload":"SPEAK_AGENT","id":"SPEAK_AGENT","template":"menu","target":"agent_queue","state":"current"}'
equals "an id" "$(route SPEAK_AGENT)" "$agent_answer"
equals "an id, percent-encoded" "$(route %53PEAK%5fAGENT)" "$agent_answer"
equals "what two templates lead elsewhere" "$(route LATER)" \
	'409 {"payload":"LATER","id":"LATER","candidates":[{"template":"menu","target":"none"},{"template":"rating","target":"callback"}],"state":"ambiguous"}'
equals "says what to do" "$(jq -r .message "$work/out")" "templates lead it to different targets: say which, ?template=NAME"
equals "in one of them: nowhere, on purpose" "$(route LATER '?template=menu')" '200 {"payload":"LATER","id":"LATER","template":"menu","target":"none","state":"current"}'
equals "in the other" "$(route LATER '?template=rating')" '200 {"payload":"LATER","id":"LATER","template":"rating","target":"callback","state":"current"}'
equals "in a third" "$(route LATER '?template=plain')" '404 {"state":"unknown"}'
for odd in NOTHING speak_agent T1_ "T1_QT9iPWM" a%2Fb ..%2F..%2Fetc%2Fpasswd SPEAK_AGENT/ %ff%fe %0d%0aX-Evil:1 '%22%3E%3Cscript%3E' "$(printf 'A%.0s' $(seq 300))" "$(printf '%%41%.0s' $(seq 5000))"; do
	equals "unknown: ${odd:0:20}" "$(route "$odd")" '404 {"state":"unknown"}'
done
equals "nothing at all" "$(ask /v1/routes/) $(ask /v1/routes/%00)" "404 404"
equals "all of them" "$(ask /v1/routes; jq -r '.routes[] | "\(.id) \(.data // {} | tojson) \(.target // "-") \(.state)"' "$work/out" | tr '\n' ,)" \
	'200CHECK_ORDER {} order_lookup current,LATER {} - ambiguous,RATE {} survey current,SPEAK_AGENT {} agent_queue current,CHECK_ORDER {"step":"2","tier":"gold"} order_lookup current,RATE {"stars":"5"} survey current,RATE {"stars":"1"} survey current,'
equals "HEAD" "$(ask /v1/routes/SPEAK_AGENT --head) $(ask /v1/routes/NOTHING --head)" "200 404"
equals "another method" "$(ask /v1/routes/SPEAK_AGENT -X DELETE) $(ask /v1/routes -X DELETE)" "405 405"
equals "without a token" "$(curl -s -o /dev/null -w '%{http_code}' "$base/v1/routes/SPEAK_AGENT") $(curl -s -o /dev/null -w '%{http_code}' "$base/v1/routes")" "401 401"
equals "the document" "$(ask /openapi.json; jq -c '.paths["/v1/routes/{payload}"].get | [.responses | keys[]], [.parameters[] | "\(.in) \(.name)"]' "$work/out" | tr '\n' ' ')" \
	'200["200","401","404","409","410"] ["path payload","query template"] '

echo "== data tables, by the public API"
api() { curl -sS -H "Authorization: Bearer $(curl -sS -u some-id:some-secret -d grant_type=client_credentials "$url/oauth/token" | jq -r .access_token)" "$url/api/v2/flows/datatables$1"; }
rows() { api "/$(api '?pageSize=100' | jq -r --arg n "$1" '.entities[] | select(.name == $n) | .id')/rows?pageSize=100&showbrief=false" | jq -r ".entities | sort_by(.key) | .[] | $2" | tr '\n' ,; }
routes() { rows hsmctl_routes '"\(.key) \(.target) \(.template) \(.state) \(.id) \(.data)"'; }
until_equals "the routes" "LATER   ambiguous LATER ,RATE survey rating current RATE ,SPEAK_AGENT agent_queue menu current SPEAK_AGENT ,$order_token order_lookup menu current CHECK_ORDER step=2&tier=gold,T1_UkFURT9zdGFycz01 survey rating current RATE stars=5,T1_UkFURT9zdGFycz0x survey rating current RATE stars=1," \
	eval 'routes | sed "s/^CHECK_ORDER[^,]*,//"'
equals "the templates beside them" "$(rows hsmctl_templates '"\(.key) \(.template)"')" "menu:en_US menu_v1,plain:en_US plain_v1,rating:en_US rating_v1,"
equals "columns of their own" "$(api '?pageSize=100&expand=schema&name=hsmctl_routes' | jq -c '[.entities[0].schema.properties | to_entries | sort_by(.value.displayOrder)[].key]')" \
	'["key","target","template","state","id","data"]'
equals "metrics of each" "$(metric 'publication_rows{table="routes_table"}') $(metric 'publication_rows{table="data_table"}')" "7 3"

echo "== a button goes, and its route"
menu "How can we help you now?" "${order/tier: gold, step: \"2\"/step: \"3\"}
$later" '{CHECK_ORDER: order_status, LATER: callback}'
commit "No agents"
expect 0 "a plan" "$hsmctl" plan
contains out "says in words what is sent" "buttons: 'CHECK_ORDER?step=3' (REPLY) is new"
contains out "and what it was" "CHECK_ORDER?step=2&tier=gold"
push
until_equals "the other version is in use" "template menu_v2" use menu en_US
stale='410 {"payload":"SPEAK_AGENT","id":"SPEAK_AGENT","template":"menu","state":"stale"}'
until_equals "a tap on the old one is stale" "$stale" route SPEAK_AGENT
equals "an old token leads where its id does now" "$(route "$order_token" | jq -Rr 'ltrimstr("200 ") | fromjson | .target')" order_status
equals "templates that agree are one answer" "$(route LATER)" '200 {"payload":"LATER","id":"LATER","template":"menu","target":"callback","state":"current"}'
until_equals "in the table" "LATER callback menu current,RATE survey rating current,SPEAK_AGENT  menu stale,$order_token order_status menu current,$other_token order_status menu current,T1_UkFURT9zdGFycz01 survey rating current,T1_UkFURT9zdGFycz0x survey rating current," \
	eval "rows hsmctl_routes '\"\\(.key) \\(.target) \\(.template) \\(.state)\"' | sed 's/^CHECK_ORDER[^,]*,//'"

echo "== what a flow needs"
printf 'templates:\n  menu: {buttons: [CHECK_ORDER, %s, LATER]}\n' "$other_token" >"$work/requires.yaml"
expect 0 "by id or by token" "$hsmctl" check --requires "$work/requires.yaml"
sed -i "s/$other_token/$order_token/" "$work/requires.yaml"
expect 6 "other data is another button" "$hsmctl" check --requires "$work/requires.yaml"

echo "== versions that are gone, and a restart"
for name in menu_v1 menu_v2; do remove_live "$(admin GET state | jq -r --arg n $name '.templates[] | select(.name == $n) | .id')"; done
git rm -q templates/menu.yaml
commit "No menu"
push
until_equals "what git has no more is stale once nothing of it is in use" "410 stale" eval 'route CHECK_ORDER | jq -Rr "(.[0:4] + (.[4:] | fromjson | .state))"'
equals "while another has the same id" "$(route LATER)" '200 {"payload":"LATER","id":"LATER","template":"rating","target":"callback","state":"current"}'
stop
serve "$work/serve.yaml"
equals "a restart remembers" "$(route SPEAK_AGENT)" "$stale"
stop

echo "== wrong files"
sed 's/hsmctl_routes/HSMCTL_templates/' "$work/serve.yaml" >"$work/same.yaml"
expect 78 "one table for both" timeout 20 "$hsmctl" serve "$work/same.yaml"
contains err "is refused" "data_table and routes_table would both be 'hsmctl_templates'"
sed 's/name: hsmctl_templates/name: hsmctl, tables: 2/; s/hsmctl_routes/hsmctl_2/' "$work/serve.yaml" >"$work/same.yaml"
expect 78 "one of several, too" timeout 20 "$hsmctl" serve "$work/same.yaml"
if grep -q planted-secret "$work/serve.log"; then bad "a secret is logged"; else ok "no secret is logged"; fi
finish
