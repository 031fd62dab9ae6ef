#!/bin/bash
# Templates as a phone shows them: without a network, whatever stands in them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/meta.sh"

url=http://127.0.0.1:1
repository
cp "$top"/examples/quickstart/templates/*.yaml templates/
commit "First"
unset GENESYSCLOUD_OAUTHCLIENT_ID GENESYSCLOUD_OAUTHCLIENT_SECRET
expect 0 "all of them" "$hsmctl" preview
contains out "sample values are filled in" "│ Hi Customer, your order ORD-12345 is confirmed."
contains out "in each language" "order_confirmation es_ES"
contains out "buttons" "│ ↩ Check Order Status"
lacks out "no colour in a file" $'\033'
expect 0 "with colour" "$hsmctl" preview --color always
contains out "a header is bold" $'\033[1m'
expect 0 "some of them" "$hsmctl" preview 'support_*'
lacks out "only those" order_confirmation
expect 64 "none of that name" "$hsmctl" preview 'nothing_*'
expect 0 "a page" "$hsmctl" preview --format html
equals "loads and runs nothing" "$(grep -ciE '<script|<img|<link|<iframe| src=| href=|url\(' "$work/out")" 0
contains out "and forbids it" "default-src 'none'"
cp "$work/out" "$work/first"
"$hsmctl" preview --format html >"$work/second" 2>/dev/null
cmp -s "$work/first" "$work/second" && ok "the same bytes again" || bad "the same bytes again"
expect 64 "no other format" "$hsmctl" preview --format json

expect 0 "nothing differs" "$hsmctl" preview --diff HEAD
contains out "and is said to" "Nothing differs."
sed -i 's/is confirmed/is on its way/' templates/order_confirmation.yaml
sed -i 's/id: PAYLOAD_SPEAK_AGENT/id: PAYLOAD_SPEAK_ROBOT/' templates/support_menu.yaml
expect 0 "what a button does differs" "$hsmctl" preview support_menu --diff HEAD
contains out "before, without colour" "PAYLOAD_SPEAK_[-AGENT-]"
contains out "after" "PAYLOAD_SPEAK_{+ROBOT+}"
git checkout -q templates/support_menu.yaml
git rm -q templates/support_menu.yaml
template fresh en_US "A new one, for you."
expect 0 "what differs" "$hsmctl" preview --diff HEAD
contains out "before" "order ORD-12345 is [-confirmed-]."
contains out "and after" "order ORD-12345 is {+on its way+}."
contains out "what is new" "fresh en_US, new"
contains out "what is removed" "support_menu en_US, removed"
expect 0 "as a page" "$hsmctl" preview --diff HEAD --format html
contains out "changed words are marked" "<del>confirmed</del>"
contains out "on both sides" "<ins>on its way</ins>"
expect 66 "no such revision" "$hsmctl" preview --diff nothing
git reset -q --hard

template hostile en_US 'Hi <script>alert(1)</script> \" onload=x </style> \u202e there, you.'
expect 65 "hostile texts" "$hsmctl" preview hostile --format html
equals "stay texts" "$(grep -c '<script\|</style> ' "$work/out")" 0
contains out "which are shown" "&#60;script&#62;alert(1)&#60;/script&#62; &#34; onload=x &#60;/style&#62; \\u202e there"
expect 65 "in a terminal, too" "$hsmctl" preview hostile
contains out "controls are seen" '\u202e'
rm templates/hostile.yaml
printf 'name: broken\ncategory: UTILITY\ntranslations:\n  en_US: {body: "Hi {{name}}, there."}\n' >templates/broken.yaml
expect 65 "a broken file" "$hsmctl" preview
contains out "does not hide the others" "order_confirmation en_US"
contains err "and is said at its line" "templates/broken.yaml:4:"

echo "== what only Meta has"
meta_repository "$work/meta"
sample files/shoes.jpg
cat >templates/login.yaml <<'END'
name: login
category: AUTHENTICATION
translations:
  en_US:
    authentication: {security_recommendation: true, code_expiration_minutes: 5}
    buttons:
      - otp: {type: COPY_CODE, title: Copy code}
  de:
    authentication: {security_recommendation: true, code_expiration_minutes: 5}
    buttons:
      - otp: {type: COPY_CODE, title: Code kopieren}
END
cp "$top/tests/e2e/screenshots_meta.yaml" templates/shoes.yaml
commit "First"
expect 0 "one-time passwords and cards" "$hsmctl" preview
contains out "Meta's own words in English" "│ 123456 is your verification code. For your security, do  │"
contains out "what they say elsewhere" "(in Meta's words: the code expires in 5 minutes)"
contains out "the file of a sample" "│   files/shoes.jpg         │ │   files/shoes.jpg         │"
contains out "cards side by side" "│ ↗ Buy red                 │"
sed -i 's/Green ones/The green ones/' templates/shoes.yaml
expect 0 "a card that differs" "$hsmctl" preview --diff HEAD
contains out "word by word" "{+The green+} ones."
lacks out "and nothing else" "مرحبا"
expect 0 "a commit's samples are there" "$hsmctl" validate --rev HEAD
git mv files/shoes.jpg files/boots.jpg && commit "Another name"
expect 65 "or are not" "$hsmctl" validate --rev HEAD
contains out "which is said" "error HSM028: no file 'files/shoes.jpg' in commit"
finish
