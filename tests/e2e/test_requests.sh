#!/bin/bash
# How many requests a plan and an apply take: the least there can be.
. "$(dirname "$0")/lib.sh"

emulator --organization org-1
repository
printf '    organization: org-1\n' >>hsmctl.yaml
for i in $(seq 60); do
	template "t$i" en_US "Hello number $i." es_ES "Hola n\\u00famero $i."
done
commit "Sixty templates in two languages"

expect 0 "a plan on an empty account" "$hsmctl" plan
equals "one token" "$(requests 'POST /oauth/token')" 1
equals "one organisation" "$(requests 'GET /api/v2/organizations/me')" 1
equals "one page of providers" "$(requests 'GET /api/v2/messaging/providers$')" 1
equals "one page of templates" "$(requests 'GET /api/v2/messaging/providers/[^/]*/templates')" 1
equals "no webhooks" "$(requests 'GET /api/v2/messaging/webhooks')" 0
equals "nothing else" "$(requests .)" 4

admin DELETE requests >/dev/null
expect 0 "an apply" "$hsmctl" apply --yes
equals "one POST per translation" "$(requests 'POST /api/v2/messaging/providers/[^/]*/templates')" 120
equals "and the plan's four" "$(requests .)" 124

admin DELETE requests >/dev/null
expect 0 "a plan over two pages" "$hsmctl" plan
equals "two pages of templates" "$(requests 'GET /api/v2/messaging/providers/[^/]*/templates')" 2
equals "five in all" "$(requests .)" 5

admin DELETE requests >/dev/null
expect 0 "a second apply of the same commit" "$hsmctl" apply --yes
equals "writes nothing" "$(requests 'POST /api')" 0

sed -i '/organization/d' hsmctl.yaml
template t1 en_US "Hello number one." es_ES "Hola n\\u00famero 1."
template t2 en_US "Hello number two." es_ES "Hola n\\u00famero dos."
commit "Three translations change"
admin DELETE requests >/dev/null
expect 0 "an apply of three changed translations" "$hsmctl" apply --yes
equals "submits exactly what changed" "$(requests 'POST /api/v2/messaging/providers/[^/]*/templates')" 3
equals "asks for no organisation where none is named" "$(requests 'GET /api/v2/organizations/me')" 0
finish
