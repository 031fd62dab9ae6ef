#!/bin/bash
# Meta's facebook-nodejs-business-sdk and the emulator: a client that nobody here wrote.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/graph.sh"

npm_tools
start
witness() { NODE_PATH=$npm_folder/node_modules node "$top/tests/e2e/graph_witness.js" "$url" "$waba"; }
expect 0 "the client runs" witness
saw() { sed -n "s/^$1: //p" "$work/out"; }
equals "the account" "$(saw account | jq -r '[.name, .currency] | join(" ")')" "Acme WhatsApp EUR"
equals "its own creates, over three pages, ids as text" "$(saw list | jq -r 'join(",")')" \
	"$(for i in 6 5 4 3 2 1 0; do printf 'witness_%s APPROVED UTILITY string,' $i; done | sed 's/,$//')"
equals "a filter with a list" "$(saw filter)" '["witness_3 APPROVED UTILITY string"]'
equals "one by its id" "$(saw get)" '"witness_3"'
equals "an edit" "$(saw edit)" '{"success":true}'
equals "what it made" "$(saw text)" '"Hello, this is another text."'
equals "content that is there" "$(saw duplicate)" '[400,100,2388024]'
equals "a name that is wrong" "$(saw invalid)" '[400,100,2388046]'
equals "a deletion" "$(saw deleted)" 6
equals "locks the name" "$(saw locked)" '[400,100,2388023]'
equals "nobody is subscribed" "$(saw apps)" 0
equals "the token's app" "$(saw app)" "\"$app\""
equals "what the emulator has" "$(live | wc -l)" 6
stop TERM
finish
