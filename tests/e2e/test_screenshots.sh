#!/bin/bash
# Previews and plans in a real browser: what is drawn lies where it should, in
# light and dark, on wide and narrow screens, from left and from right.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/meta.sh"

command -v chromium >/dev/null || { echo "SKIPPED: no chromium"; exit 0; }
shots=$top/build/screenshots
mkdir -p "$shots"
url=http://127.0.0.1:1
repository
cp "$top/tests/e2e/screenshots.yaml" templates/order_shipped.yaml
commit "First"
sed -i 's/It arrives on/You will have it by/; s/يصل في/سيصل إليك في/' templates/order_shipped.yaml
expect 0 "a page" "$hsmctl" preview --diff HEAD --format html
cp "$work/out" "$work/page.html"
cp "$top/tests/golden/plan/kinds.html" "$work/kinds.html"
meta_repository "$work/meta"
sample files/shoes.jpg
cp "$top/tests/e2e/screenshots_meta.yaml" templates/shoes.yaml
printf 'name: offer\ncategory: MARKETING\ntranslations:\n  en_US:\n    limited_time_offer: {text: Ends on Sunday, has_expiration: true}\n    body: Our shoes cost less.\n    buttons:\n      - copy_code: {example: SHOES25}\n' >templates/offer.yaml
expect 0 "a page of cards" "$hsmctl" preview --format html
cp "$work/out" "$work/cards.html"

browser() { chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars --user-data-dir="$work/profile" "$@" 2>"$work/browser"; }

# shot NAME PAGE SIZE [OPTION...]: a picture, and the page has no complaint.
shot() {
	local name=$1 page=$2 size=$3
	shift 3
	browser --window-size="$size" --enable-logging=stderr --screenshot="$shots/$name.png" "$@" "file://$page" >/dev/null
	[ -s "$shots/$name.png" ] && ok "$name: a picture" || bad "$name: no picture"
	if grep -q "Content Security Policy\|ERR_\|CONSOLE" "$work/browser"; then
		bad "$name: the browser complains: $(grep "Content Security\|ERR_\|CONSOLE" "$work/browser" | head -3)"
	fi
}

# A page in a frame of 360 px, a small phone's width: a window of the browser is at least 500 px wide.
framed() { printf '<!doctype html><body style="margin:0"><iframe style="border:0;width:360px;height:4600px" src="%s"></iframe>' "$1" >"$work/framed.html"; echo "$work/framed.html"; }

# A copy of the page that may run one script, the test's, which writes what it measured.
measured() {
	{ sed 's|<meta http-equiv=[^>]*>||' "$1"; echo "<script>$2</script>"; } >"$work/measured.html"
	shift 2
	browser "$@" --dump-dom "file://$work/measured.html" | sed -n 's/.*<pre id="measured">\(.*\)<\/pre>.*/\1/p'
}
write='const write = (value) => { const pre = document.createElement("pre"); pre.id = "measured"; pre.textContent = JSON.stringify(value); document.body.append(pre); };'

shot wide "$work/page.html" 1200,2400
shot narrow "$work/page.html" 500,3600
shot phone "$(framed page.html)" 500,4600
shot dark "$work/page.html" 1200,2400 --blink-settings=preferredColorScheme=0
shot plan "$work/kinds.html" 1100,3600
shot cards "$work/cards.html" 600,2200
cmp -s "$shots/wide.png" "$shots/dark.png" && bad "dark is as light" || ok "dark is not as light"

layout="$write"' const all = [...document.querySelectorAll(".bubble, .button, h2, .media")]; const width = document.documentElement.clientWidth; write({count: all.length, outside: all.filter((e) => { const r = e.getBoundingClientRect(); return r.left < 0 || r.right > width + 1; }).length, overflow: document.documentElement.scrollWidth > width + 1, flat: all.filter((e) => e.getBoundingClientRect().height < 10).length});'
for page in page kinds cards; do
	for size in 1200,900 500,900; do
		equals "$page at $size: nothing lies outside, nothing is flat" \
			"$(measured "$work/$page.html" "$layout" --window-size=$size | jq -c '[.count > 5, .outside, .overflow, .flat]')" "[true,0,false,0]"
	done
done
# The frame's own page is of another origin here: what it measured comes by a message.
narrowest() {
	measured "$work/$1.html" "$layout"' parent.postMessage(document.querySelector("#measured").textContent, "*");' >/dev/null
	framed measured.html >/dev/null
	echo '<script>addEventListener("message", (event) => { const pre = document.createElement("pre"); pre.id = "measured"; pre.textContent = event.data; document.body.append(pre); });</script>' >>"$work/framed.html"
	browser --dump-dom --window-size=500,900 "file://$work/framed.html" | sed -n 's/.*<pre id="measured">\(.*\)<\/pre>.*/\1/p'
}
for page in page kinds cards; do
	equals "$page at 360: nothing lies outside, nothing is flat" \
		"$(narrowest "$page" | jq -c '[.count > 5, .outside, .overflow, .flat]')" "[true,0,false,0]"
done
sides="$write"' const boxes = [...document.querySelector(".pair").querySelectorAll(".side")].map((e) => e.getBoundingClientRect()); write(boxes[0].top === boxes[1].top);'
equals "wide: before and after side by side" "$(measured "$work/page.html" "$sides" --window-size=1200,900)" true
equals "narrow: one above the other" "$(measured "$work/page.html" "$sides" --window-size=500,900)" false
row="$write"' const boxes = (chat) => [...chat.querySelectorAll(".card")].map((e) => e.getBoundingClientRect()); write([...document.querySelectorAll(".chat")].filter((chat) => chat.querySelector(".card")).map((chat) => { const all = boxes(chat); return [chat.dir, all.length, all[0].top === all[1].top, all[0].left < all[1].left, all[2].top >= all[0].bottom]; }));'
equals "cards side by side, from left and from right" "$(measured "$work/cards.html" "$row" --window-size=1200,900)" '[["rtl",3,true,false,true],["ltr",3,true,true,true]]'
looks="$write"' const style = (s) => getComputedStyle(document.querySelector(s)); const rtl = document.querySelector(".chat[dir=rtl] .body"); const range = document.createRange(); range.selectNodeContents(rtl.firstChild); const line = range.getBoundingClientRect(), box = rtl.getBoundingClientRect(); write({bold: style(".body b").fontWeight >= 600, italic: style(".body i").fontStyle, strike: style(".body s").textDecorationLine, mono: style(".body code").fontFamily.includes("mono"), right: box.right - line.right < 3 && line.left - box.left > 3, links: document.querySelectorAll("a[href]").length, background: style(".bubble").backgroundColor, text: style("body").color});'
light=$(measured "$work/page.html" "$looks" --window-size=1200,900)
equals "marks look as they should; Arabic begins at the right" "$(jq -c '[.bold, .italic, .strike, .mono, .right, .links]' <<<"$light")" '[true,"italic","line-through",true,true,0]'
dark=$(measured "$work/page.html" "$looks" --window-size=1200,900 --blink-settings=preferredColorScheme=0)
equals "light is light" "$(jq -r .background <<<"$light")" "rgb(255, 255, 255)"
[ "$(jq -r '.background, .text' <<<"$dark")" != "$(jq -r '.background, .text' <<<"$light")" ] && ok "dark is dark" || bad "dark is dark"
finish
