#!/bin/bash
# What genesys-emulator promises of Meta's Graph API: nodes, templates, pages, rules, uploads.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/graph.sh"

echo "== nodes and tokens"
start
graph GET "$waba?fields=id,name,currency,message_template_namespace,owner_business_info{id,name}"
answers "an account" 200
equals "is named like the seed's provider" "$(get '.name + " " + .currency + " " + .owner_business_info.name')" "Acme WhatsApp EUR Acme"
equals "ids are larger than any double holds" "$(get .id)" "$waba"
[ "$waba" -gt 9007199254740992 ] && ok "2^53" || bad "2^53"
graph GET "$other_waba"
equals "the other one, with the standard fields" "$(get '[keys[]] | join(",")')" id,message_template_namespace,name,timezone_id
graph GET "$waba?fields=nonsense"
answers "a field that is not there" 400 100
graph GET 1
answers "no such node" 400 100 33
graph POST 1 '{}'
answers "nor to write to" 400 100 33
graph GET %ff%fe
answers "nor what is no text" 400 100 33
graph GET 1/message_templates
answers "no such account" 400 100 33
graph GET "$waba/nonsense"
answers "no such edge" 400 100 33
graph PUT "$waba/message_templates" '{}'
answers "no such method" 400 100 33
graph GET "me?fields=id,name"
answers "me" 200
graph GET "$app"
equals "the app" "$(get .name)" "Emulated App"
graph GET "$phone?fields=display_phone_number"
equals "a phone number" "$(get .display_phone_number)" "+34 600 000 001"
graph GET "$waba/phone_numbers"
equals "an account's phone numbers" "$(get '[.data[].id] | join(",")')" "$phone"
graph GET "debug_token?input_token=$graph_token"
equals "a token's scopes" "$(get '.data | [.is_valid, .expires_at, (.scopes | join(","))] | join(" ")')" \
	"true 0 whatsapp_business_management,whatsapp_business_messaging"
equals "and accounts" "$(get '.data.granular_scopes[0].target_ids | join(",")')" "$waba,$other_waba"
graph_version=v9999.0 graph GET me
answers "a path with a version that is none" 404
equals "is nobody's" "$(get .code)" not.found
graph_version=vN.N graph GET me
answers "nor is the route's own word" 404
graph_version=v15.0 graph GET me
equals "any version" "$(header facebook-api-version)" v15.0
graph GET "$waba"
equals "the app's usage" "$(header X-App-Usage | jq -c .)" '{"call_count":0,"total_time":0,"total_cputime":0}'
equals "the account's usage" "$(header X-Business-Use-Case-Usage | jq -c ".\"$waba\"[0] | [.type, .estimated_time_to_regain_access]")" '["whatsapp",0]'
equals "nothing of the seed's headers" "$(header ININ-Correlation-Id)" ""
graph_token='' graph GET "$waba"
answers "no token" 401 190
graph_token='' graph GET "$waba?access_token=planted-secret-query"
answers "a token in the query" 200
admin GET requests >"$work/requests"
contains requests "is not logged" 'access_token=...'
lacks requests "in no way" planted-secret-query

start --graph-token one --graph-token two --graph-token-lifetime 60 --no-scope whatsapp_business_messaging
graph_token=three graph GET me
answers "a token that was not given" 401 190
graph_token=one graph GET me
answers "one that was" 200
graph_token=one graph POST "$phone/messages" '{}'
answers "without the scope for messages" 403 10
admin POST clock '{"advance_seconds":61}' >"$work/clock"
graph_token=one graph GET me
answers "expired" 401 190 463
graph_token=two graph GET "debug_token?input_token=one"
equals "debug_token says so" "$(get .data.is_valid)" false
start --no-scope whatsapp_business_management --fault '*:*/me:expire-token:at=2'
graph GET "$waba"
answers "without the scope for templates" 403 200
graph GET me
answers "a token works" 200
graph GET me
answers "and expires in the middle" 401 190 463
graph GET me
answers "for good" 401 190 463

echo "== creates"
file=$work/db
start --data "$file"
create hello_there en_US "[$(body 'Hello there, {{1}}, how are you today?' Ana)]" utility '{"parameter_format":"positional"}'
answers "a create" 200
equals "answers with three members" "$(get '[keys[]] | join(",")') $(get '.status + " " + .category')" "category,id,status APPROVED UTILITY"
id=$(get .id)
[ "$id" -gt 9007199254740992 ] && ok "an id larger than 2^53" || bad "an id larger than 2^53: $id"
graph GET "$id"
equals "get has the standard fields" "$(get 'keys_unsorted | join(",")')" name,parameter_format,components,language,status,category,id
graph GET "$id?fields=status,quality_score,rejected_reason,message_send_ttl_seconds"
equals "and others that are asked for" "$(get '[.status, .quality_score.score, .rejected_reason, .message_send_ttl_seconds, .id] | join(" ")')" "APPROVED UNKNOWN NONE  $id"
create hello_there en_US "[$(body 'Hello again')]"
answers "the same name and language" 400 100 2388024
equals "the whole error" "$(get '.error | [.message, .type, .is_transient, .error_user_title, (.error_data.blame_field_specs[0][0]), (.fbtrace_id | length > 8)] | join("|")')" \
	"Invalid parameter|OAuthException|false|Content in This Language Already Exists|name|true"
create hello_there es_ES "[$(body 'Hola')]" MARKETING
answers "another category for another language" 400 100 null
create hello_there es_ES "[$(body 'Hola')]"
answers "the same one" 200
create other_hello en_US "[$(body 'Hello there, {{1}}, how are you today?' Ana)]"
answers "the same text under another name is taken" 200
graph POST "$other_waba/message_templates" '{"name":"hello_there","language":"en_US","category":"MARKETING","components":[{"type":"BODY","text":"Hello"}]}'
answers "another account knows nothing of it" 200
curl -sS -H "Authorization: Bearer $graph_token" -d name=by_form -d language=en -d category=UTILITY \
	--data-urlencode 'components=[{"type":"BODY","text":"Sent as a form + more"}]' "$url/v23.0/$waba/message_templates" >"$work/body"
graph GET "$(get .id)"
equals "a form, too" "$(get .components[0].text)" "Sent as a form + more"
graph GET "1/message_templates"
curl -gsS "$url/v23.0/$waba/message_templates?limit=1&access_token=$graph_token" >"$work/body"
curl -gsS "$(get .paging.next)" >"$work/body"
equals "paging.next is a whole URL, with what was asked" "$(get '[.data[].name] | join(",")')" other_hello
stop KILL
start --data "$file"
graph GET "$id?fields=name,parameter_format,components,quality_score,status"
equals "is there after a restart" "$(get '[.name, .parameter_format, .components[0].example.body_text[0][0], .quality_score.score, .status] | join(" ")')" \
	"hello_there POSITIONAL Ana UNKNOWN APPROVED"

echo "== pages"
admin POST reset
seeds() { jq -cn --arg waba "$waba" '[range(60) | {providerId:$waba, name:"t\(.)_x", language:(if . % 2 == 0 then "en_US" else "es_ES" end),
	status:(if . < 10 then "REJECTED" else "APPROVED" end), category:(if . % 3 == 0 then "MARKETING" else "UTILITY" end),
	quality_score:{score:"GREEN",date:1}}]'; }
admin POST templates "$(seeds)" >"$work/seeded"
graph GET "$waba/message_templates?fields=name"
equals "a page has 25, newest first" "$(get '[(.data | length), .data[0].name, .data[24].name] | join(" ")')" "25 t59_x t35_x"
# walk QUERY: sets $names, $pages, following the cursors.
walk() {
	local after=
	names='' pages=0
	while :; do
		graph GET "$waba/message_templates?$1${after:+&after=$after}"
		names="$names$(get '.data[].name')
" pages=$((pages + 1))
		[ "$(get '.paging.next // empty')" ] && [ $pages -lt 70 ] || break
		after=$(get .paging.cursors.after)
	done
	names=$(grep . <<<"$names")
}
walk "limit=7&fields=name"
equals "by pages of 7: all of them, each once" "$pages $(wc -l <<<"$names") $(sort -u <<<"$names" | wc -l)" "9 60 60"
equals "the last page has no next, and a previous" "$(get '[(.paging | has("next")), (.paging | has("previous")), (.data | length)] | join(" ")')" "false true 4"
graph GET "$waba/message_templates?limit=7&fields=name&before=$(get .paging.cursors.before)"
equals "before" "$(get '[.data[0].name, .data[6].name, (.paging | has("next"))] | join(" ")')" "t10_x t4_x true"
cursor=$(get .paging.cursors.after)
graph DELETE "$waba/message_templates?name=t4_x"
graph GET "$waba/message_templates?limit=7&fields=name&after=$cursor"
equals "a cursor outlives its template" "$(get '.data[0].name')" t3_x
graph GET "$waba/message_templates?limit=255"
equals "the largest page" "$(get '.data | length')" 59
graph GET "$waba/message_templates?limit=256"
answers "a larger one" 400 100
graph GET "$waba/message_templates?after=nonsense"
answers "a cursor that is none" 400 100
list() { graph GET "$waba/message_templates?limit=255&fields=name&$1"; }
list name=t1
equals "name is a part of it" "$(get '.data | length')" 11
list name=T1
equals "in its own case" "$(get '.data | length')" 0
list 'status=["REJECTED"]'
equals "status" "$(get '.data | length')" 9
list status=rejected,paused
equals "in any case, and several" "$(get '.data | length')" 9
list 'category=marketing&language=en_US'
equals "category and language" "$(get '.data | length')" 10
list quality_score=RED
equals "none: no page to come from" "$(get '[(.data | length), has("paging")] | join(" ")')" "0 false"
list 'name=t1&summary=total_count,message_template_count,message_template_limit,are_translations_complete'
equals "summary" "$(get '.summary | tojson')" '{"total_count":11,"message_template_count":59,"message_template_limit":6000,"are_translations_complete":true}'

echo "== accounts"
start --limit-graph-page 1000 --data "$work/accounts"
equals "as many as are wanted" "$(admin POST wabas "$(jq -cn '[range(12) | {id:"90071992547409930\(.)",name:"Brand \(.)",phone_numbers:[{id:"80071992547409930\(.)",display_phone_number:"+1"}]}]')" | jq '.wabas | length')" 12
graph GET "$waba"
answers "the old ones are gone" 400 100 33
equals "what is none is refused" "$(curl -sS -o "$work/body" -w '%{http_code}' -H 'Content-Type: application/json' -d '[{"name":"x"}]' "$url/_emulator/wabas")" 400
stop TERM
start --limit-graph-page 1000 --data "$work/accounts"
graph GET 9007199254740993011
equals "they outlive a restart" "$(get .name)" "Brand 11"
graph GET 9007199254740993011/message_templates?limit=1000
answers "pages as large as --limit-graph-page" 200
stop TERM

echo "== rules"
start
admin POST reset
number=0
# accepts NAME COMPONENTS [CATEGORY [MORE]]
accepts() {
	number=$((number + 1))
	create "rule_$number" en_US "$2" "${@:3}"
	equals "$1" "$status $(get '.status // .error.error_user_msg // .error.message')" "200 APPROVED"
}
# refuses SUBCODE NAME COMPONENTS [CATEGORY [MORE]]; - is no subcode
refuses() {
	local subcode=$1
	shift
	number=$((number + 1))
	create "rule_$number" en_US "$2" "${@:3}"
	equals "$1" "$status $(get .error.code) $(get '.error.error_subcode // "-"')" "400 100 $subcode"
}
hello='{"type":"BODY","text":"Hello, this is a text."}'
times() { printf "%${1}s" '' | sed "s/ /$2/g"; }
buttons() { jq -cn '{type:"BUTTONS",buttons:$ARGS.positional}' --jsonargs -- "$@"; }
reply='{"type":"QUICK_REPLY","text":"Yes"}' link='{"type":"URL","text":"See","url":"https://example.com/"}'
call='{"type":"PHONE_NUMBER","text":"Call","phone_number":"34600000000"}'
for name in '' Capital has-hyphen "$(times 513 a)"; do
	create "$name" en_US "[$hello]"
	answers "a name like '${name:0:12}'" 400 100 2388046
done
create "$(times 512 a)" en_US "[$hello]"
answers "a name of 512" 200
create hello_world en_US "[$hello]"
answers "a sample's name" 400 100 2388155
create l english "[$hello]"
answers "a language" 400 100 null
create c en_US "[$hello]" PROMOTION
answers "a category" 400 100 null
refuses - "no components" '[]'
refuses - "no BODY" '[{"type":"FOOTER","text":"x"}]'
refuses - "two" "[$hello,$hello]"
refuses - "an unknown component" "[$hello,{\"type\":\"SIDEBAR\"}]"
accepts "enums in lower case" '[{"type":"header","format":"text","text":"Hi"},{"type":"body","text":"Hello there."},{"type":"buttons","buttons":[{"type":"quick_reply","text":"Ok"}]}]' marketing
accepts "a body of 1024" "[$(body "$(times 1024 x)")]"
refuses 2388040 "of 1025" "[$(body "$(times 1025 x)")]"
refuses 2388072 "a gap between variables" "[$(body 'The first {{1}} and the third {{3}} of all that there are here' a b)]"
refuses 2388072 "a brace too many" "[$(body 'Hello {{1}} }} and more of the words' a)]"
refuses 2388072 "three newlines" "[$(body $'Hello\n\n\nagain')]"
refuses 2388072 "eleven emojis" "[$(body "Hello $(times 11 😀)")]"
refuses 2388299 "a variable at the start" "[$(body '{{1}} is what the answer to all is' a)]"
refuses 2388299 "at the end" "[$(body 'What the answer to all is: {{1}}' a)]"
accepts "with a full stop after it" "[$(body 'What the answer to all is: {{1}}.' a)]"
refuses 2388293 "more variables than words" "[$(body 'Dear {{1}} and {{2}}, hello.' a b)]"
refuses 2388043 "no sample" "[$(body 'Your order number {{1}} is on the way.')]"
refuses 2388043 "too few" "[$(body 'Your order number {{1}} is on the way to {{2}}, so be at home.' a)]"
accepts "samples as a flat list" '[{"type":"BODY","text":"Your order {{1}} is on its way.","example":{"body_text":["a"]}}]'
named='{"parameter_format":"NAMED"}'
accepts "named" '[{"type":"BODY","text":"Your order {{order_id}} is on its way.","example":{"body_text_named_params":[{"param_name":"order_id","example":"7"}]}}]' UTILITY "$named"
refuses 2388043 "another name's sample" '[{"type":"BODY","text":"Your order {{order_id}} is on its way.","example":{"body_text_named_params":[{"param_name":"id","example":"7"}]}}]' UTILITY "$named"
refuses 2388072 "a number in a named one" "[$(body 'Your order {{1}} is on its way.' a)]" UTILITY "$named"
refuses - "a format of parameters" "[$hello]" UTILITY '{"parameter_format":"FANCY"}'
accepts "a header" '[{"type":"HEADER","format":"TEXT","text":"Order {{1}}","example":{"header_text":["7"]}},'"$hello]"
refuses 2388043 "without sample" '[{"type":"HEADER","format":"TEXT","text":"Order {{1}}"},'"$hello]"
refuses 2388047 "with two variables" '[{"type":"HEADER","format":"TEXT","text":"Order {{1}} {{2}}","example":{"header_text":["7","8"]}},'"$hello]"
refuses 2388040 "of 61" '[{"type":"HEADER","format":"TEXT","text":"'"$(times 61 x)"'"},'"$hello]"
refuses 2388047 "with markdown" '[{"type":"HEADER","format":"TEXT","text":"*Bold* one"},'"$hello]"
refuses 2388047 "of no format" '[{"type":"HEADER","text":"x"},'"$hello]"
accepts "a location" '[{"type":"HEADER","format":"LOCATION"},'"$hello]"
refuses 2388043 "an image without handle" '[{"type":"HEADER","format":"IMAGE"},'"$hello]"
refuses 2388047 "a URL as handle" '[{"type":"HEADER","format":"IMAGE","example":{"header_handle":["https://example.com/a.png"]}},'"$hello]"
accepts "a handle" '[{"type":"HEADER","format":"IMAGE","example":{"header_handle":["4::aW1hZ2U="]}},'"$hello]"
refuses 2388073 "a footer with a variable" "[$hello,"'{"type":"FOOTER","text":"Bye {{1}}"}]'
refuses 2388040 "of 61" "[$hello,{\"type\":\"FOOTER\",\"text\":\"$(times 61 x)\"}]"
accepts "quick replies first" "[$hello,$(buttons "$reply" "$reply" "$link" "$call")]"
refuses - "quick replies in between" "[$hello,$(buttons "$link" "$reply" "$link")]"
refuses - "three URLs" "[$hello,$(buttons "$link" "$link" "$link")]"
refuses - "two numbers" "[$hello,$(buttons "$call" "$call")]"
refuses - "a number that is none" "[$hello,$(buttons "${call/34600000000/call me}")]"
refuses - "eleven buttons" "[$hello,$(buttons "$reply" "$reply" "$reply" "$reply" "$reply" "$reply" "$reply" "$reply" "$reply" "$reply" "$reply")]"
refuses - "no button" "[$hello,$(buttons)]"
refuses - "an unknown one" "[$hello,$(buttons '{"type":"TELEPORT","text":"x"}')]"
refuses 2388040 "26 characters" "[$hello,$(buttons '{"type":"QUICK_REPLY","text":"'"$(times 26 x)"'"}')]"
refuses - "an emoji in it" "[$hello,$(buttons '{"type":"QUICK_REPLY","text":"Yes 😀"}')]"
refuses 2388043 "a URL's variable without sample" "[$hello,$(buttons '{"type":"URL","text":"See","url":"https://example.com/{{1}}"}')]"
refuses - "in the middle" "[$hello,$(buttons '{"type":"URL","text":"See","url":"https://example.com/{{1}}/a","example":["b"]}')]"
accepts "at the end" "[$hello,$(buttons '{"type":"URL","text":"See","url":"https://example.com/{{1}}","example":["b"]}')]"
refuses 2388043 "a code of 16" "[$hello,$(buttons '{"type":"COPY_CODE","example":"1234567890123456"}')]" MARKETING
accepts "a code, a call, a catalog" "[$hello,$(buttons '{"type":"COPY_CODE","example":"25OFF"}' '{"type":"VOICE_CALL","text":"Call"}' '{"type":"CATALOG","text":"View"}')]" MARKETING
refuses - "a flow of nothing" "[$hello,$(buttons '{"type":"FLOW","text":"Go"}')]"
accepts "a flow" "[$hello,$(buttons '{"type":"FLOW","text":"Go","flow_id":"1","flow_action":"navigate","navigate_screen":"A"}')]"
offer='{"type":"LIMITED_TIME_OFFER","limited_time_offer":{"text":"Expiring offer!","has_expiration":true}}'
refuses - "an offer that is UTILITY" "[$offer,$hello]"
refuses 2388073 "an offer with a footer" "[$offer,$hello,{\"type\":\"FOOTER\",\"text\":\"x\"}]" MARKETING
refuses 2388040 "an offer's body of 601" "[$offer,$(body "$(times 601 x)")]" MARKETING
refuses 2388047 "an offer with a header of text" "[{\"type\":\"HEADER\",\"format\":\"TEXT\",\"text\":\"x\"},$offer,$hello]" MARKETING
accepts "an offer" "[$offer,$hello,$(buttons '{"type":"COPY_CODE","example":"25OFF"}')]" MARKETING
card='{"components":[{"type":"HEADER","format":"IMAGE","example":{"header_handle":["4::a"]}},{"type":"BODY","text":"One."},{"type":"BUTTONS","buttons":['"$reply"']}]}'
carousel() { jq -cn '{type:"CAROUSEL",cards:$ARGS.positional}' --jsonargs -- "$@"; }
accepts "a carousel" "[$hello,$(carousel "$card" "$card")]" MARKETING
refuses - "of one card" "[$hello,$(carousel "$card")]" MARKETING
refuses - "of UTILITY" "[$hello,$(carousel "$card" "$card")]"
refuses - "of cards that differ" "[$hello,$(carousel "$card" "${card/QUICK_REPLY\",\"text\":\"Yes/URL\",\"url\":\"https:\/\/e.com\",\"text\":\"Yes}")]" MARKETING
refuses 2388047 "of a card with a document" "[$hello,$(carousel "$card" "${card/IMAGE/DOCUMENT}")]" MARKETING
refuses 2388040 "of a card with a body of 161" "[$hello,$(carousel "$card" "${card/One./$(times 161 x)}")]" MARKETING
security='{"type":"BODY","add_security_recommendation":true}' minutes='{"type":"FOOTER","code_expiration_minutes":5}'
otp='{"type":"OTP","otp_type":"COPY_CODE","text":"Copy"}'
accepts "a code" "[$security,$minutes,$(buttons "$otp")]" AUTHENTICATION
refuses 2388148 "without its button" "[$security,$minutes]" AUTHENTICATION
refuses 2388148 "with another" "[$security,$(buttons "$otp" "$reply")]" AUTHENTICATION
refuses 2388072 "with a text" "[$hello,$(buttons "$otp")]" AUTHENTICATION
refuses 2388073 "for 91 minutes" "[$security,${minutes/5/91},$(buttons "$otp")]" AUTHENTICATION
refuses 2388047 "with a header" "[{\"type\":\"HEADER\",\"format\":\"TEXT\",\"text\":\"x\"},$security,$(buttons "$otp")]" AUTHENTICATION
refuses - "an OTP button elsewhere" "[$hello,$(buttons "$otp")]"
app_of='"supported_apps":[{"package_name":"com.example","signature_hash":"K8a/AINcGX7"}]'
accepts "one tap" "[$security,$(buttons "{\"type\":\"OTP\",\"otp_type\":\"ONE_TAP\",\"text\":\"Copy\",\"autofill_text\":\"Fill\",$app_of}")]" AUTHENTICATION
refuses - "one tap for no app" "[$security,$(buttons "${otp/COPY_CODE/ONE_TAP}")]" AUTHENTICATION
refuses - "zero tap without its terms" "[$security,$(buttons "{\"type\":\"OTP\",\"otp_type\":\"ZERO_TAP\",$app_of}")]" AUTHENTICATION
accepts "with them" "[$security,$(buttons "{\"type\":\"OTP\",\"otp_type\":\"ZERO_TAP\",\"zero_tap_terms_accepted\":true,$app_of}")]" AUTHENTICATION
refuses - "a time to live of an hour" "[$security,$(buttons "$otp")]" AUTHENTICATION '{"message_send_ttl_seconds":3600}'
accepts "of a minute" "[$security,$(buttons "$otp")]" AUTHENTICATION '{"message_send_ttl_seconds":60}'
refuses - "of a minute for MARKETING" "[$hello]" MARKETING '{"message_send_ttl_seconds":60}'
accepts "of thirty days for UTILITY" "[$hello]" UTILITY '{"message_send_ttl_seconds":-1}'
refuses - "a sub-category" "[$hello]" UTILITY '{"sub_category":"NONSENSE"}'
accepts "another" "[$hello]" UTILITY '{"sub_category":"order_status"}'
# What is taken, and rejected by the review.
create adjacent en_US "[$(body 'Hello {{1}}{{2}}, this is what we have for you today.' a b)]"
equals "variables side by side" "$status $(get .status)" "200 REJECTED"
graph GET "$(get .id)?fields=rejected_reason"
equals "for their format" "$(get .rejected_reason)" INVALID_FORMAT
create nameless en_US "[$(body 'Hello {{customer}}, this is yours.')]"
equals "names without parameter_format" "$status $(get .status)" "200 REJECTED"
graph POST "$waba/message_templates" '{"name":'
answers "no JSON" 400 100
graph POST "$waba/message_templates" '[]'
answers "no object" 400 100
graph_version=v15.0 create old_one pt_BR "[$(body 'Este é o seu código: {{1}}.' 7)]" TRANSACTIONAL
equals "an old version takes an old category" "$status $(get .category)" "200 UTILITY"
graph GET "$(get .id)"
equals "and remembers it" "$(get .previous_category)" TRANSACTIONAL
create new_one pt_BR "[$hello]" TRANSACTIONAL
answers "a new one does not" 400 100
start --graph-locale pt_BR
create Wrong en_US "[$hello]"
equals "localised words, the same numbers" "$(get '.error | [.error_subcode, .error_user_title] | join(" ")')" "2388046 O nome do modelo não é válido"

echo "== what the corpus creates"
if [ -d "${HSM_CORPUS:-}" ]; then
	taken=0
	# Meta's own and pywa's today, placeholders filled in; bindambc's are of 2022 and v15.0.
	while read -r version one; do
		admin POST reset
		graph_version=$version graph POST "$waba/message_templates" "$one"
		if [ "$status" = 200 ]; then taken=$((taken + 1)); else bad "$version $(jq -r .name <<<"$one"): $(get '.error.error_user_msg // .error.message')"; fi
	done < <(
		cd "$HSM_CORPUS" || exit
		sed 's/<TEMPLATE_NAME>/template_name/; s/{{Flow-/{{flow_/' meta-openapi/extracted/create/*.json meta-docs/create_*.json | jq -c . | sed 's/^/v23.0 /'
		jq -c '.[]' pywa/templates/*.json | sed 's/^/v23.0 /'
		jq -c . bindambc/create/*.json | sed 's/^/v15.0 /'
	)
	equals "all bodies are taken" "$taken" 34
else
	echo "skipped: HSM_CORPUS is not set"
fi
stop TERM
finish
