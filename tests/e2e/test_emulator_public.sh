#!/bin/bash
# The emulator's side of Genesys' public API, asked for over HTTP.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/emulator.sh"

integrations=/api/v2/conversations/messaging/integrations/whatsapp
libraries=/api/v2/responsemanagement/libraries
responses=/api/v2/responsemanagement/responses
dependencies=/api/v2/architect/dependencytracking/consumingresources
campaigns=/api/v2/outbound/messagingcampaigns
agentless=/api/v2/conversations/messages/agentless
account=102290129340398765
from=2f6c1f3e-0d57-4a7e-9d0c-5e8b4c1a0001

# library NAME: sets $library
library() {
	call POST "$libraries" "$(jq -cn --arg name "$1" '{name: $name}')"
	library=$(get .id)
}

# response NAME [JQ]: the body of a create, after this change
response() {
	jq -cn --arg name "$1" --arg library "$library" '{name: $name, libraries: [{id: $library}], responseType: "MessagingTemplate",
		texts: [{content: "Hi {{1}}, order {{2}} is confirmed.", contentType: "text/plain", type: "body"}],
		substitutions: [{id: "1", description: "Customer", defaultValue: "Customer"}, {id: "2"}, {id: "3"}, {id: "4"}],
		messagingTemplate: {whatsApp: {name: $name, language: "en_US", header: {type: "Text", content: "Order {{3}}"},
			messageFooter: {type: "Text", content: "Reply STOP to opt-out."},
			buttons: [{type: "Url", content: "https://example.com/{{4}}", contentText: "Open"}, {type: "QuickReply", contentText: "Help"}]}}}
		| '"${2:-.}"
}

# create NAME [JQ]: sets $id
create() {
	call POST "$responses" "$(response "$@")"
	id=$(get .id)
}

echo "== WhatsApp integrations"
start
call GET "$integrations"
equals "two by default, each of an account" "$(jq -c '[.total, .entities[].whatsAppBusinessAccountId]' "$work/body")" \
	'[2,"102290129340398765","215589469943870121"]'
equals "active" "$(get '[.entities[].status] | unique | join(" ")')" Active
call GET "$integrations?pageSize=1&pageNumber=2"
equals "pages" "$(jq -c '[.pageSize, .pageNumber, .pageCount, .entities[0].name]' "$work/body")" '[1,2,2,"Acme WhatsApp Iberia"]'
call GET "$integrations/$from"
equals "one" "$status $(get '"\(.name) \(.phoneNumber) \(.version)"')" "200 Acme WhatsApp +15550100001 1"
call GET "$integrations/nothing"
answers "none of that id" 404 not.found
equals "with the id of the request" "$(get .contextId)" "$(sed -n 's/^ININ-Correlation-Id: \(.*\)\r$/\1/p' "$work/headers")"
call PUT "$integrations/$from" '{}'
answers "read only" 405 method.not.allowed
admin POST integrations '[{"id":"i-1","name":"Other","phoneNumber":"+15550100009","status":"Inactive","whatsAppBusinessAccountId":"7","more":{"a":1}}]' >"$work/seeded"
call GET "$integrations"
equals "the admin path replaces them" "$(jq -c '[.total, .entities[0].id, .entities[0].more.a]' "$work/body")" '[1,"i-1",1]'
for wrong in '{}' '[{"id":"i"}]' '[1]' '[{"id":1,"name":"x","phoneNumber":"1"}]'; do
	call POST /_emulator/integrations "$wrong"
	answers "no integrations: $wrong" 400 bad.request
done

echo "== libraries"
start
call POST "$libraries" '{"name":"prod","division":{"id":"d-1","name":"Home"},"id":"mine","version":7}'
answers "a create" 200
equals "what it answers" "$(jq -cS 'del(.id, .dateCreated, .selfUri)' "$work/body")" \
	'{"division":{"id":"d-1","name":"Home"},"name":"prod","version":1}'
prod=$(get .id)
equals "with an id of its own" "$(get '"\(.id | length) \(.selfUri)"')" "36 $libraries/$prod"
for name in prod-old Prod dev; do library "$name"; done
call GET "$libraries/$library"
equals "get" "$(get .name)" dev
call GET "$libraries?libraryPrefix=prod"
equals "those with a prefix" "$(get '[.entities[].name] | join(" ")')" "prod prod-old"
call GET "$libraries?pageSize=3&pageNumber=2"
equals "pages" "$(jq -c '[.total, .pageCount, .entities[].name]' "$work/body")" '[4,2,"dev"]'
call GET "$libraries?messagingTemplateFilter=whatsapp"
equals "those with a WhatsApp template: none" "$(get .total)" 0
create one
call GET "$libraries?messagingTemplateFilter=whatsapp"
equals "one" "$(get '[.entities[].name] | join(" ")')" dev
call GET "$libraries?messagingTemplateFilter=sms"
answers "another messenger" 400 bad.request messagingTemplateFilter
# replace BODY
replace() { call PUT "$libraries/$prod" "$1"; }
replace '{"name":"prod-2"}'
answers "a replace without its version" 400 bad.request version
replace '{"name":"prod-2","version":2}'
answers "with another one" 409 version.mismatch version
replace '{"name":"prod-2","version":1,"division":{"id":"d-2"}}'
equals "with the right one" "$status $(get '"\(.name) \(.version) \(.division.id)"')" "200 prod-2 2 d-1"
replace '{"name":"prod-3","version":1}'
answers "once" 409 version.mismatch
call GET "$libraries/$prod"
equals "what is refused does nothing" "$(get '"\(.name) \(.version)"')" "prod-2 2"
# refused NAME FIELD BODY
refused() {
	call POST "$libraries" "$3"
	answers "$1" 400 bad.request "$2"
}
refused "no name" name '{}'
refused "an empty name" name '{"name":""}'
refused "a name of another type" name '{"name":1}'
refused "a division without id" division.id '{"name":"x","division":{}}'
refused "a member that there is not" nam '{"name":"x","nam":"y"}'
# query QUERY: names
query() { call POST "$libraries/query" "{\"query\":$1}" && get '[.entities[].name] | join(" ")'; }
equals "a query" "$(query '[{"criteria":{"key":"Name","operator":"EQUALS","value":"Prod"}}]')" Prod
equals "all of them" "$(query '[{"and":[{"key":"Name","operator":"BEGINS_WITH","value":"prod"},{"key":"Name","operator":"ENDS_WITH","value":"2"}]}]')" prod-2
equals "any" "$(query '[{"or":[{"key":"Name","operator":"EQUALS","value":"dev"},{"key":"Name","operator":"CONTAINS","value":"-old"}]}]')" "prod-old dev"
equals "none" "$(query '[{"not":[{"key":"Name","operator":"CONTAINS","value":"rod"}]}]')" dev
equals "groups" "$(query '[{"criteria":{"key":"Name","operator":"BEGINS_WITH","value":"prod"}},{"criteria":{"key":"Name","operator":"NOTEQUALS","value":"prod-old"}}]')" prod-2
equals "a division" "$(query '[{"criteria":{"key":"DivisionId","operator":"EQUALS","value":"d-1"}}]')" prod-2
equals "no division" "$(query '[{"criteria":{"key":"DivisionId","operator":"EQUALS","value":"*"}}]')" "prod-old Prod dev"
equals "an id" "$(query "[{\"criteria\":{\"key\":\"Id\",\"operator\":\"IN\",\"value\":\"$library\"}}]")" dev
call POST "$libraries/query" '{"query":[{"criteria":{"key":"Name","operator":"LIKE","value":"x"}}]}'
answers "another operator" 400 bad.request 'query[0].criteria.operator'
call POST "$libraries/query" '{}'
answers "no query" 400 bad.request query
create two ".libraries += [{id: \"$prod\"}]"
both=$id
library empty
create three
call DELETE "$libraries/$prod"
answers "a delete" 204
call GET "$libraries/$prod"
answers "is gone" 404 not.found
call GET "$responses/$both"
answers "and each response in it" 404 not.found
call GET "$responses/$id"
answers "and no other" 200
call DELETE "$libraries/$prod"
answers "a delete of nothing" 404 not.found

echo "== responses"
start
library main
main=$library
call POST "$responses" "$(response order_v1 '. + {id: "mine", version: 9, dateCreated: "x", createdBy: {id: "u"}, selfUri: "x", interactionType: null} |
	.messagingTemplate.whatsApp += {templateStatus: "APPROVED", statusInfo: {code: "x"}}')"
answers "a create" 200
id=$(get .id)
equals "what is the server's to say" "$(get '"\(.id | length) \(.version) \(.dateCreated | length) \(.selfUri) \(has("createdBy"))"')" "36 1 24 $responses/$id false"
equals "what was sent" "$(jq -cS 'del(.id, .version, .dateCreated, .selfUri)' "$work/body")" "$(response order_v1 | jq -cS .)"
cp "$work/body" "$work/created"
call GET "$responses/$id"
equals "get" "$(jq -cS . "$work/body")" "$(jq -cS . "$work/created")"
call GET "$responses/nothing"
answers "get of nothing" 404 not.found
# refused NAME FIELD JQ [DETAIL]: a create of a good response after this change
refused() {
	call POST "$responses" "$(response refused "$3")"
	answers "$1" 400 bad.request "$2"
	[ $# -lt 4 ] || equals "$1: why" "$(get .details[0].errorCode)" "$4"
}
refused "no name" name 'del(.name)' missing.value
refused "no libraries" libraries 'del(.libraries)' missing.value
refused "an empty list of them" libraries '.libraries = []' missing.value
refused "one without an id" 'libraries[0].id' '.libraries[0] = {}' missing.value
refused "one that there is not" 'libraries[1].id' '.libraries += [{id: "nothing"}]' invalid.value
refused "libraries that are no list" libraries '.libraries = {}' invalid.value
refused "no texts in a messaging template" texts 'del(.texts)' missing.value
refused "none in a standard response" texts 'del(.texts, .responseType)' missing.value
refused "none in a footer" texts '.responseType = "Footer" | .texts = []' missing.value
refused "none in an e-mail campaign" texts '.responseType = "CampaignEmailTemplate" | .texts = null' missing.value
refused "a text without content" 'texts[0].content' 'del(.texts[0].content)' missing.value
refused "another type of content" 'texts[0].contentType' '.texts[0].contentType = "text/markdown"' invalid.value
refused "another type of text" 'texts[1].type' '.texts += [{content: "x", type: "footer"}]' invalid.value
refused "a text that is no object" 'texts[0]' '.texts = ["x"]' invalid.value
refused "another interaction" interactionType '.interactionType = "whatsapp"' invalid.value
refused "another type of response" responseType '.responseType = "messagingTemplate"' invalid.value
refused "a substitution without id" 'substitutions[0].id' 'del(.substitutions[0].id)' missing.value
refused "two of one id" 'substitutions[2].id' '.substitutions[2].id = "1"' duplicate.value
refused "no messaging template" messagingTemplate.whatsApp 'del(.messagingTemplate)' missing.value
refused "none of WhatsApp" messagingTemplate.whatsApp '.messagingTemplate = {}' missing.value
refused "no template name" messagingTemplate.whatsApp.name 'del(.messagingTemplate.whatsApp.name)' missing.value
refused "no language" messagingTemplate.whatsApp.language 'del(.messagingTemplate.whatsApp.language)' missing.value
refused "another header" messagingTemplate.whatsApp.header.type '.messagingTemplate.whatsApp.header.type = "TEXT"' invalid.value
refused "another footer" messagingTemplate.whatsApp.messageFooter.type '.messagingTemplate.whatsApp.messageFooter.type = "Image"' invalid.value
refused "another button" 'messagingTemplate.whatsApp.buttons[1].type' '.messagingTemplate.whatsApp.buttons[1].type = "Otp"' invalid.value
refused "another category" messagingTemplate.whatsApp.category '.messagingTemplate.whatsApp.category = "utility"' invalid.value
refused "a carousel without cards" messagingTemplate.whatsApp.carousel.cards '.messagingTemplate.whatsApp.carousel = {}' missing.value
card='{header: {type: "Image"}, buttons: [{type: "Url", content: "https://example.com/{{c}}"}], cardBodyText: {content: "{{b}} in a card", contentType: "text/plain"}}'
refused "a card without its header" 'messagingTemplate.whatsApp.carousel.cards[0].header' ".messagingTemplate.whatsApp.carousel.cards = [$card | del(.header)]" missing.value
refused "without buttons" 'messagingTemplate.whatsApp.carousel.cards[1].buttons' ".messagingTemplate.whatsApp.carousel.cards = [$card, ($card | .buttons = [])]" missing.value
refused "with a text without content" 'messagingTemplate.whatsApp.carousel.cards[0].cardBodyText.content' ".messagingTemplate.whatsApp.carousel.cards = [$card | del(.cardBodyText.content)]" missing.value
refused "a member that there is not" messagingTemplate.whatsApp.components '.messagingTemplate.whatsApp.components = []' unknown.field
refused "another messenger" messagingTemplate.facebook '.messagingTemplate.facebook = {}' unknown.field
call POST "$responses" '[]'
answers "no object" 400 bad.request
call POST "$responses" '{"name":'
answers "no JSON" 400 bad.request
# accepted NAME JQ
accepted() {
	create "$1" "$2"
	equals "$1" "$status" 200
}
accepted "a standard response" 'del(.responseType, .messagingTemplate)'
accepted "an SMS campaign without texts" 'del(.texts, .messagingTemplate) | .responseType = "CampaignSmsTemplate"'
accepted "a carousel" ".messagingTemplate.whatsApp += {carousel: {cards: [$card, $card]}, integrationId: \"$from\", category: \"marketing\"}"
accepted "the name of another" '.name = "order_v1"'
call GET "$responses?libraryId=$main"
equals "all of a library" "$(get '"\(.total) \([.entities[].name] | join(","))"')" \
	"5 order_v1,a standard response,an SMS campaign without texts,a carousel,order_v1"
call GET "$responses"
answers "a list without a library" 400 bad.request libraryId
call GET "$responses?libraryId="
answers "or an empty one" 400 bad.request libraryId
call GET "$responses?libraryId=nothing"
answers "one that there is not" 404 not.found
call GET "$responses?libraryId=$main&pageSize=2&pageNumber=3"
equals "pages" "$(jq -c '[.pageSize, .pageNumber, .pageCount, .total, (.entities | length), .nextUri]' "$work/body")" '[2,3,3,5,1,null]'
equals "that lead to others" "$(get .previousUri)" "$responses?pageSize=2&pageNumber=2&libraryId=$main"
call GET "$responses?libraryId=$main&pageSize=101"
answers "a page that is too large" 400 bad.request pageSize

echo "== changes of responses"
start
library main
main=$library
library more
create order_v1
# put JQ: a replace by what is there after this change
put() {
	call GET "$responses/$id"
	call PUT "$responses/$id" "$(jq -c "$1" "$work/body")"
}
put 'del(.version)'
answers "a replace without its version" 400 bad.request version
put '.version = 0'
answers "with an old one" 409 version.mismatch version
put '.version = 2'
answers "with a newer one" 409 version.mismatch version
put '.version = "1"'
answers "with one of another type" 400 bad.request version
put '.name = "order_v2" | .texts[0].content = "New {{1}}" | .libraries = [{id: "'"$main"'"}]'
equals "name, texts and libraries change" "$status $(get '"\(.version) \(.name) \(.texts[0].content) \(.libraries[0].id)"')" "200 2 order_v2 New {{1}} $main"
put '.messagingTemplate.whatsApp.name = "other" | .messagingTemplate.whatsApp.language = "es_ES" | .substitutions = [] | .responseType = "Footer" | .interactionType = "chat"'
equals "and nothing else, without a word" "$status $(get '"\(.version) \(.messagingTemplate.whatsApp.name) \(.messagingTemplate.whatsApp.language) \(.substitutions | length) \(.responseType) \(has("interactionType"))"')" \
	"200 3 order_v1 en_US 4 MessagingTemplate false"
call PUT "$responses/$id" "$(jq -cn --arg library "$main" '{version: 3, libraries: [{id: $library}]}')"
equals "what is not given stays" "$status $(get '"\(.version) \(.name) \(.texts | length)"')" "200 4 order_v2 1"
put 'del(.libraries)'
answers "no libraries" 400 bad.request libraries
put '.libraries = [{id: "nothing"}]'
answers "a library that there is not" 400 bad.request 'libraries[0].id'
put '.texts = []'
answers "no texts" 400 bad.request texts
put '.name = ""'
answers "an empty name" 400 bad.request name
call GET "$responses/$id"
equals "what is refused does nothing" "$(get '"\(.version) \(.name) \(.texts | length)"')" "4 order_v2 1"
call PUT "$responses/nothing" '{}'
answers "a replace of nothing" 404 not.found
call DELETE "$responses/$id"
answers "a delete" 204
call GET "$responses/$id"
answers "is gone" 404 not.found
call GET "$responses?libraryId=$main"
equals "from its library too" "$(get .total)" 0
call DELETE "$responses/$id"
answers "a delete of nothing" 404 not.found

echo "== queries for responses"
start
library a
a=$library
library b
for name in order_v1 order_v2 menu_v1; do create $name; done
create plain 'del(.responseType, .messagingTemplate) | .texts[0] = {content: "Ring the bell", contentType: "text/html"} | .libraries += [{id: "'"$a"'"}]'
# query JSON: names
query() { call POST "$responses/query" "$1" && get '[.results.entities[].name] | join(" ")'; }
# filter NAME OPERATOR VALUES
filter() { query "{\"filters\":[{\"name\":\"$1\",\"operator\":\"$2\",\"values\":$3}]}"; }
equals "everything" "$(query '{}')" "order_v1 order_v2 menu_v1 plain"
equals "a name" "$(filter name EQUALS '["order_v2"]')" order_v2
equals "one of several" "$(filter name IN '["menu_v1","order_v1","x"]')" "order_v1 menu_v1"
equals "none of several" "$(filter name NOTEQUALS '["menu_v1","order_v1"]')" "order_v2 plain"
equals "a beginning" "$(filter name BEGINS_WITH '["order_"]')" "order_v1 order_v2"
equals "an end" "$(filter name ENDS_WITH '["_v1"]')" "order_v1 menu_v1"
equals "a part" "$(filter name CONTAINS '["r_v"]')" "order_v1 order_v2"
equals "a library" "$(filter libraryId IN "[\"$a\"]")" plain
equals "the type of a text" "$(filter text.contentType EQUALS '["text/html"]')" plain
equals "the type of a response" "$(filter responseType EQUALS '["MessagingTemplate"]')" "order_v1 order_v2 menu_v1"
equals "the template of a messenger" "$(filter messagingTemplate EQUALS '["whatsApp"]')" "order_v1 order_v2 menu_v1"
equals "a phrase of the text" "$(query '{"queryPhrase":"THE bell"}')" plain
equals "a phrase of the name" "$(query '{"queryPhrase":"Menu"}')" menu_v1
equals "all filters together" "$(query "{\"queryPhrase\":\"order\",\"filters\":[{\"name\":\"name\",\"operator\":\"ENDS_WITH\",\"values\":[\"1\"]},{\"name\":\"libraryId\",\"operator\":\"IN\",\"values\":[\"$library\"]}]}")" "order_v1 menu_v1"
equals "pages" "$(query '{"pageSize":3,"pageNumber":2}') $(jq -c '.results | [.pageSize, .pageNumber, .total, .pageCount]' "$work/body")" 'plain [3,2,4,2]'
call POST "$responses/query" '{"pageSize":500}'
answers "500 on a page" 200
# refused NAME FIELD BODY
refused() {
	call POST "$responses/query" "$3"
	answers "$1" 400 bad.request "$2"
}
refused "501 on a page" pageSize '{"pageSize":501}'
refused "none on a page" pageSize '{"pageSize":0}'
refused "a fraction" pageSize '{"pageSize":2.5}'
refused "a number beyond all" pageNumber '{"pageNumber":1e300}'
refused "another filter" 'filters[0].name' '{"filters":[{"name":"id","operator":"IN","values":["x"]}]}'
refused "another operator" 'filters[0].operator' '{"filters":[{"name":"name","operator":"LIKE","values":["x"]}]}'
refused "no values" 'filters[0].values' '{"filters":[{"name":"name","operator":"IN","values":[]}]}'
refused "values of another type" 'filters[0].values[1]' '{"filters":[{"name":"name","operator":"IN","values":["x",1]}]}'

echo "== who uses a response"
start
call GET "$dependencies?id=r-1&objectType=RESPONSE"
equals "nobody at first" "$(jq -c '[.total, .entities]' "$work/body")" '[0,[]]'
admin POST dependencies '[
	{"objectType":"RESPONSE","objectId":"r-1","id":"f-1","name":"Orders","type":"INBOUNDSHORTMESSAGEFLOW","version":"3.0"},
	{"objectType":"RESPONSE","objectId":"r-2","id":"f-2","name":"Other","type":"WORKFLOW"},
	{"objectType":"DATATABLE","objectId":"r-1","id":"f-3","name":"Tables","type":"WORKFLOW"},
	{"objectType":"RESPONSE","objectId":"r-1","id":"f-4","name":"Night","type":"WORKFLOW","deleted":true}]' >"$work/seeded"
call GET "$dependencies?id=r-1&objectType=RESPONSE"
equals "flows" "$(jq -cS '[.total, .entities]' "$work/body")" \
	'[2,[{"id":"f-1","name":"Orders","type":"INBOUNDSHORTMESSAGEFLOW","version":"3.0"},{"deleted":true,"id":"f-4","name":"Night","type":"WORKFLOW"}]]'
call GET "$dependencies?id=r-1&objectType=RESPONSE&pageSize=1&pageNumber=2"
equals "pages" "$(jq -c '[.pageCount, .entities[0].id]' "$work/body")" '[2,"f-4"]'
call GET "$dependencies?id=r-1&objectType=DATATABLE"
equals "of another type" "$(get '[.entities[].id] | join(" ")')" f-3
call GET "$dependencies?objectType=RESPONSE"
answers "no id" 400 bad.request id
call GET "$dependencies?id=r-1"
answers "no type" 400 bad.request objectType
call POST /_emulator/dependencies '[{"objectType":"RESPONSE","id":"f","type":"WORKFLOW"}]'
answers "a seed of nothing" 400 bad.request
call GET "$campaigns"
equals "no campaigns at first" "$(get .total)" 0
# campaign ID TEMPLATE
campaign() { jq -cn --arg id "$1" --arg template "$2" '{id: $id, name: $id, campaignStatus: "on", contactList: {id: "l"}, messagesPerMinute: 10,
	whatsAppConfig: {whatsAppColumns: ["phone"], whatsAppIntegration: {id: "i"}, contentTemplate: {id: $template}}}'; }
admin POST campaigns "[$(campaign c-1 r-1),$(campaign c-2 r-2),$(campaign c-3 r-1),{\"id\":\"c-4\",\"name\":\"SMS\"}]" >"$work/seeded"
call GET "$campaigns?pageSize=3"
equals "campaigns, by page" "$(jq -c '[.total, .pageCount, .entities[].whatsAppConfig.contentTemplate.id]' "$work/body")" '[4,2,"r-1","r-2","r-1"]'
call GET "$campaigns?contentTemplateId=r-1"
equals "of a response" "$(get '[.entities[].id] | join(" ")')" "c-1 c-3"

# template NAME STATUS [COMPONENTS]: what Meta has
template() {
	admin POST templates "$(jq -cn --arg name "$1" --arg status "$2" --arg account $account --argjson components "${3:-$fitting}" \
		'[{name: $name, language: "en_US", status: $status, providerId: $account, components: $components}]')" >"$work/seeded"
}
fitting='[{"type":"HEADER","format":"TEXT","text":"Order {{1}}"},{"type":"BODY","text":"Hi {{1}}, order {{2}} is confirmed."},
	{"type":"BUTTONS","buttons":[{"type":"URL","text":"Open","url":"https://example.com/{{1}}"},{"type":"QUICK_REPLY","text":"Help"}]}]'
# message [JQ]: the body of a send of $id
message() {
	jq -cn --arg id "$id" --arg from $from '{fromAddress: $from, toAddress: "13175555555", toAddressMessengerType: "whatsapp",
		messagingTemplate: {responseId: $id, headerParameters: [{id: "3", value: "77"}],
			bodyParameters: [{id: "2", value: "ORD-1"}, {id: "1", value: "Ana"}], buttonUrlParameters: [{id: "4", value: "ord/1"}]}} | '"${1:-.}"
}
# send [JQ]: sets $message
send() {
	call POST "$agentless" "$(message "$@")"
	message=$(get .id)
}
# state: of the last message
state() { call GET "/api/v2/conversations/messages/$message/details" && get '.status + if .normalizedReceipts then " " + .normalizedReceipts[0].reasons[0].message else "" end'; }
advance() { admin POST clock "{\"advance_seconds\":$1}" >"$work/clock"; }
outcome() { admin POST outcomes "$1" >"$work/outcomes"; }
kept() { admin GET messages; }

echo "== agentless messages"
start --delivery-delay 60000
library main
create order_v1
template order_v1 APPROVED
send
answers "one of a template" 200
equals "what it answers" "$(jq -c '[.fromAddress, .toAddress, .messengerType, .message.status, (.id == .message.id), (.conversationId == .message.conversationId), .selfUri]' "$work/body")" \
	"[\"$from\",\"13175555555\",\"whatsapp\",\"queued\",true,true,\"/api/v2/conversations/messages/$message/details\"]"
equals "its content" "$(jq -c '.message.normalizedMessage | [.type, .direction, .content[0].contentType, .content[0].template.language, .content[0].template.body.parameters]' "$work/body")" \
	'["Structured","Outbound","Notification","en_US",[{"name":"2","text":"ORD-1"},{"name":"1","text":"Ana"}]]'
equals "refers to the response" "$(get '.message.normalizedMessage.content[0].template.id')" "cannedresponse@$id"
equals "queued" "$(state)" queued
equals "details" "$(jq -c '[.direction, .messengerType, .toAddress, has("request"), has("fate")]' "$work/body")" '["outbound","whatsapp","13175555555",false,false]'
advance 60
equals "sent" "$(state)" sent
advance 60
equals "delivered" "$(state)" delivery-success
call GET /api/v2/conversations/messages/nothing/details
answers "details of nothing" 404 not.found
send '.messagingTemplate.bodyParameters |= map(select(.id == "2"))'
answers "a default serves where no value is given" 200
sms='{"fromAddress":"+15550100001","toAddress":"+13175555555","toAddressMessengerType":"sms","textBody":"Reply 1."}'
call POST "$agentless" "$sms"
equals "an SMS" "$status $(jq -c '[.messengerType, .message.normalizedMessage.type, .message.normalizedMessage.text]' "$work/body")" '200 ["sms","Text","Reply 1."]'
message=$(get .id)
advance 120
equals "is delivered" "$(state)" delivery-success
admin POST "messages/$message" '{"status":"removed"}' >"$work/set"
equals "or what the admin path says" "$(state)" removed
call POST "/_emulator/messages/$message" '{}'
answers "which must say something" 400 bad.request status
equals "what proves that each was sent once" "$(kept | jq -c '[length, ([.[].id] | unique | length), .[0].request.messagingTemplate.bodyParameters[0], .[2].request.textBody]')" \
	'[3,3,{"id":"2","value":"ORD-1"},"Reply 1."]'

echo "== refused messages"
# refused NAME FIELD JQ [CODE META]
refused() {
	send "$3"
	equals "$1" "$status $(get '"\(.code) \(.details[0].errorCode) \(.details[0].fieldName)"')" "400 ${4:-bad.request} ${5:-invalid.value} $2"
}
refused "no sender" fromAddress 'del(.fromAddress)' bad.request missing.value
refused "an integration that there is not" fromAddress '.fromAddress = "+15550100001"'
refused "no recipient" toAddress 'del(.toAddress)' bad.request missing.value
refused "a number with its plus" toAddress '.toAddress = "+13175555555"'
refused "a number with blanks" toAddress '.toAddress = "1317 5555555"'
refused "another messenger" toAddressMessengerType '.toAddressMessengerType = "facebook"'
refused "no template" messagingTemplate 'del(.messagingTemplate)'
refused "no response" messagingTemplate.responseId 'del(.messagingTemplate.responseId)' bad.request missing.value
refused "one that there is not" messagingTemplate.responseId '.messagingTemplate.responseId = "nothing"'
refused "a member that there is not" messagingTemplate.templateName '.messagingTemplate.templateName = "order_v1"' bad.request unknown.field
refused "the array of the messaging API" 'messagingTemplate.bodyParameters[0]' '.messagingTemplate.bodyParameters = ["Ana","ORD-1"]'
refused "a substitution that there is not" 'messagingTemplate.bodyParameters[0]' '.messagingTemplate.bodyParameters[0].id = "5"' invalid.parameter
refused "one of another component" 'messagingTemplate.headerParameters[0]' '.messagingTemplate.headerParameters[0].id = "1"' invalid.parameter
refused "one twice" 'messagingTemplate.bodyParameters[1]' '.messagingTemplate.bodyParameters[1].id = "2"' invalid.parameter duplicate.value
refused "none for one without a default" messagingTemplate.bodyParameters 'del(.messagingTemplate.bodyParameters)' invalid.parameter 132000
refused "none for a button" messagingTemplate.buttonUrlParameters '.messagingTemplate.buttonUrlParameters = []' invalid.parameter 132000
refused "an empty value" 'messagingTemplate.headerParameters[0].value' '.messagingTemplate.headerParameters[0].value = ""' bad.request missing.value
refused "a value that is no text" 'messagingTemplate.headerParameters[0].value' '.messagingTemplate.headerParameters[0].value = 77'
refused "a newline" 'messagingTemplate.bodyParameters[1]' '.messagingTemplate.bodyParameters[1].value = "a\nb"' invalid.parameter 132018
refused "1025 characters" 'messagingTemplate.bodyParameters[1]' '.messagingTemplate.bodyParameters[1].value = "ä" * 1025' invalid.parameter 132005
# refused_sms NAME FIELD JQ
refused_sms() {
	call POST "$agentless" "$(jq -c "$3" <<<"$sms")"
	answers "an SMS: $1" 400 bad.request "$2"
}
refused_sms "no text" textBody 'del(.textBody)'
refused_sms "a sender without its plus" fromAddress '.fromAddress = "15550100001"'
refused_sms "a recipient without its plus" toAddress '.toAddress = "13175555555"'
create standard 'del(.responseType, .messagingTemplate)'
refused "a response that is no template" messagingTemplate.responseId '.'
equals "nothing of that was sent" "$(kept | jq length)" 3
admin POST integrations "[{\"id\":\"$from\",\"name\":\"x\",\"phoneNumber\":\"+1\",\"status\":\"Error\"}]" >"$work/seeded"
refused "an integration that is not active" fromAddress '.'

echo "== carousels"
start --delivery-delay 0
library main
create carousel_v1 ".messagingTemplate.whatsApp += {carousel: {cards: [$card, $card]}} | .substitutions = [{id: \"b\"}, {id: \"c\"}] | .texts[0].content = \"Look:\" |
	del(.messagingTemplate.whatsApp.header, .messagingTemplate.whatsApp.buttons)"
template carousel_v1 APPROVED
cards='.messagingTemplate = {responseId: .messagingTemplate.responseId, carouselParameters: {cardParameters: [range(2) |
	{index: ., bodyParameters: [{id: "b", value: "x"}], buttonUrlParameters: [{id: "c", value: "y"}]}]}}'
send "$cards"
equals "each card has its own" "$status $(state)" "200 delivery-success"
path=messagingTemplate.carouselParameters.cardParameters
refused "a card without its values" "$path[1].bodyParameters" "$cards | del(.$path[1])" invalid.parameter 132000
refused "a value of another part" "$path[0].bodyParameters[0]" "$cards | .$path[0].bodyParameters[0].id = \"c\"" invalid.parameter
refused "a card that there is not" "$path" "$cards | .$path += [{index: 2}]" invalid.parameter
refused "a card without its place" "$path[0].index" "$cards | del(.$path[0].index)" bad.request missing.value

echo "== what Meta makes of them"
start --delivery-delay 0
library main
create order_v1
send
equals "a template that Meta has not" "$status $(state)" "200 failed (#132001) Template name does not exist in the translation"
template order_v1 APPROVED
send
equals "one that it has" "$(state)" delivery-success
send ".fromAddress = \"${from%1}2\""
equals "but not in the other account" "$(state)" "failed (#132001) Template name does not exist in the translation"
for state in PAUSED:132015:paused DISABLED:132016:disabled; do
	IFS=: read -r name code word <<<"$state"
	template order_v1 "$name"
	send
	equals "$name" "$status $(state)" "200 failed (#$code) Template is $word"
done
template order_v1 PENDING
send
equals "PENDING" "$(state | cut -c1-16)" "failed (#132001)"
# unfit NAME JQ: Meta's template after this change
unfit() {
	template order_v1 APPROVED "$(jq -c "$2" <<<"$fitting")"
	send
	equals "a response that does not fit it: $1" "$status $(state | cut -c1-16)" "200 failed (#132000)"
}
unfit "a variable more" '.[1].text += " {{3}}"'
unfit "one less" '.[1].text = "Hi {{1}}."'
unfit "none in the header" '.[0].text = "Order"'
unfit "no header" 'del(.[0])'
unfit "a button more" '.[2].buttons += [{type: "URL", url: "https://example.com/{{1}}"}]'
template order_v1 APPROVED "$(jq -c '.[1].text = "Hi {{name}}, {{name}}, order {{order}}."' <<<"$fitting")"
send
equals "named variables, one twice" "$(state)" delivery-success
outcome '{"template":"order_*","language":"en*","code":131026,"mode":"fail"}'
send
equals "an outcome that Meta tells of later" "$(state)" "delivery-failed (#131026) Message undeliverable"
admin DELETE outcomes
outcome '{"template":"order_v1","code":132015,"mode":"fail"}'
send
equals "or at once" "$(state)" "failed (#132015) Template is paused"
admin DELETE outcomes
outcome '{"template":"order_v1","mode":"drop"}'
send
advance 80000
equals "dropped: queued for ever" "$(state)" queued
admin DELETE outcomes
outcome '{"template":"order_v1","code":131049,"mode":"refuse"}'
count=$(kept | jq length)
refused "an outcome that refuses" messagingTemplate.responseId '.' bad.request 131049
equals "and sends nothing" "$(kept | jq length)" "$count"
admin DELETE outcomes
template order_v1 PAUSED
outcome '{"template":"order_v1","unapproved":true,"code":131026,"mode":"fail"}'
send
equals "an outcome of those that are not approved" "$(state)" "delivery-failed (#131026) Message undeliverable"

echo "== permissions"
# lacks PERMISSION METHOD PATH
lacks_permission() {
	start --no-scope "$1"
	call "$2" "$3" '{}'
	equals "$1" "$status $(get '"\(.code) \(.messageParams.permissions) \(.message)"')" \
		"403 missing.permissions $1 Unable to perform the requested action. You are missing the following permission(s): $1"
}
lacks_permission messaging:integration:view GET "$integrations"
call GET "$libraries"
answers "others work" 200
lacks_permission messaging:integration:view GET "$integrations/$from"
lacks_permission responses:library:view GET "$libraries"
lacks_permission responses:library:view GET "$libraries/x"
lacks_permission responses:library:view POST "$libraries/query"
lacks_permission responses:library:add POST "$libraries"
lacks_permission responses:library:edit PUT "$libraries/x"
lacks_permission responses:library:delete DELETE "$libraries/x"
lacks_permission responses:response:view GET "$responses"
lacks_permission responses:response:view GET "$responses/x"
lacks_permission responses:response:view POST "$responses/query"
lacks_permission responses:response:add POST "$responses"
lacks_permission responses:response:edit PUT "$responses/x"
lacks_permission responses:response:delete DELETE "$responses/x"
lacks_permission architect:dependencyTracking:view GET "$dependencies"
lacks_permission outbound:messagingCampaign:view GET "$campaigns"
lacks_permission conversation:message:create POST "$agentless"
lacks_permission conversation:message:view GET /api/v2/conversations/messages/x/details
token=none
call GET "$libraries"
answers "no such token" 401 bad.credentials

echo "== state"
start --data "$work/data.db" --delivery-delay 0
library main
create order_v1
create gone
call DELETE "$responses/$id"
create changed
call PUT "$responses/$id" "$(jq -c '.name = "renamed"' "$work/body")"
template changed APPROVED
send
admin POST "messages/$message" '{"status":"read"}' >"$work/set"
admin POST integrations '[{"id":"i-1","name":"One","phoneNumber":"+1"}]' >"$work/seeded"
admin POST dependencies '[{"objectType":"RESPONSE","objectId":"r","id":"f","type":"WORKFLOW"}]' >"$work/seeded"
admin POST campaigns '[{"id":"c","name":"C"}]' >"$work/seeded"
state_of() { admin GET state | jq -cS '{integrations, libraries, responses, dependencies, campaigns, messages}'; }
state_of >"$work/before"
equals "the state" "$(jq -c '[.integrations[0].id, .libraries[0].name, ([.responses[] | "\(.name) \(.version)"] | join(",")), .dependencies[0].objectId, .campaigns[0].id, .messages[0].status]' "$work/before")" \
	'["i-1","main","order_v1 1,renamed 2","r","c","read"]'
stop KILL
start --data "$work/data.db" --delivery-delay 0
equals "outlives a kill" "$(state_of)" "$(cat "$work/before")"
admin POST integrations '[]' >"$work/seeded"
stop TERM
start --data "$work/data.db"
call GET "$integrations"
equals "no integrations are none after a restart, too" "$(get .total)" 0
admin POST reset
equals "a reset has the defaults, and nothing else" "$(state_of | jq -c 'map_values(length)')" \
	'{"campaigns":0,"dependencies":0,"integrations":2,"libraries":0,"messages":0,"responses":0}'
stop TERM
start --data "$work/data.db"
equals "on disk, too" "$(state_of | jq -c '[.integrations, .responses | length]')" '[2,0]'

echo "== faults"
start --delivery-delay 0
library main
for name in one two three four; do create $name; done
# fault SPEC...
fault() {
	admin DELETE faults
	admin POST faults "$(jq -cn '$ARGS.positional' --args "$@")" >"$work/faults"
}
# page NUMBER: names
page() { call GET "$responses?libraryId=$library&pageSize=2&pageNumber=$1" && get '[.entities[].name] | join(" ")'; }
fault "GET:$responses?*pageNumber=2:shift-listing=delete:at=1"
equals "a listing that loses one between two pages" "$(page 1), $(page 2) of $(get .total)" "one two, four of 3"
fault "GET:$responses?*pageNumber=2:shift-listing=insert:at=1"
equals "or gets one" "$(page 1), $(page 2) of $(get .total)" "two three, three four of 4"
fault "GET:$responses*:shift-listing=total:at=1"
page 1 >"$work/page"
equals "or another total" "$(get .total)" 5
fault "POST:$responses:rewrite"
create kept
equals "a server that rewrites" "$(get '.texts[0].content')" "Hi {{1}}, order {{2}} is confirmed. (rewritten)"
call GET "$responses/$id"
equals "for good" "$(get '.texts[0].content')" "Hi {{1}}, order {{2}} is confirmed. (rewritten)"
fault "POST:$responses:reset-after:at=1"
call POST "$responses" "$(response lost)"
equals "a lost answer" "$status" 000
call POST "$responses/query" '{"filters":[{"name":"name","operator":"EQUALS","values":["lost"]}]}'
equals "of what was done" "$(get .results.total)" 1
fault "POST:$responses:status=412:at=1"
call POST "$responses" "$(response later)"
answers "a 412 that passes" 412
call POST "$responses" "$(response later)"
answers "once" 200
fault "GET:$integrations*:unknown-status=Sleeping"
call GET "$integrations"
equals "an unknown status" "$(get '.entities[0].status')" Sleeping
fault "POST:$agentless:reset-after:at=1"
template kept APPROVED "$(jq -c '.[1].text = "{{1}} {{2}}"' <<<"$fitting")"
send
equals "a message whose answer is lost" "$status $(kept | jq length)" "000 1"
fault 'POST:/oauth/token:429:at=1'
equals "minting too fast" "$(curl -sS -o "$work/body" -w '%{http_code}' -u a:b -d grant_type=client_credentials "$url/oauth/token") $(jq -c '[.error, .description]' "$work/body")" \
	'400 ["invalid_request","rate limit exceeded"]'
admin DELETE faults
equals "counters" "$(admin GET counters | jq -c --arg key "POST $agentless" '.requests[$key]')" 1
stop TERM
finish
