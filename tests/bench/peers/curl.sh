#!/bin/bash
# curl.sh URL PROVIDER FOLDER: creates what is missing, with curl, jq and yq, 8 at a time.
set -euo pipefail
export LC_ALL=C.UTF-8
templates=$1/api/v2/messaging/providers/$2/templates
token=$(curl -fsS -u "$GENESYSCLOUD_OAUTHCLIENT_ID:$GENESYSCLOUD_OAUTHCLIENT_SECRET" \
	-d grant_type=client_credentials "$1/oauth/token" | jq -r .access_token)
page=0 pages=1 live=
while [ "$page" -lt "$pages" ]; do
	page=$((page + 1))
	answer=$(curl -fsS -H "Authorization: Bearer $token" "$templates?pageSize=100&pageNumber=$page")
	pages=$(jq .pageCount <<<"$answer")
	live+=$(jq -c '.entities[] | [.name, .language]' <<<"$answer")$'\n'
done
yq -c . "$3"/*.yaml |
	jq -nc --slurpfile live <(printf %s "$live") \
		'(reduce $live[] as $one ({}; .[$one | join(" ")] = true)) as $known |
		inputs | select($known["\(.name) \(.language)"] | not)' |
	xargs -r -d '\n' -P 8 -n 1 curl -fsS -o /dev/null -H "Authorization: Bearer $token" \
		-H 'Content-Type: application/json' "$templates" -d
