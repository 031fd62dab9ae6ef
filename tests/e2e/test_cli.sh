#!/bin/bash
# The command line itself: help, completions, man page, options, exit codes,
# where output goes; and the commands that need no network.
. "$(dirname "$0")/lib.sh"

commands=$("$hsmctl" help | sed -n '/^Commands:/,/^$/s/^  \([a-z]\+\) .*/\1/p')
equals "help lists the commands" "$(echo "$commands" | wc -l)" 24
for command in $commands; do
	expect 0 "help of $command" "$hsmctl" "$command" --help
	contains out "$command: usage" "Usage: hsmctl $command"
	contains out "$command: an example" "  hsmctl "
	[ "$(wc -L <"$work/out")" -le 100 ] || bad "$command: a line of help is too long"
	cp "$work/out" "$work/help"
	expect 0 "help $command" "$hsmctl" help "$command"
	cmp -s "$work/out" "$work/help" && ok "$command: both say the same" || bad "$command: both say the same"
done

expect 64 "no command" "$hsmctl"
contains err "the commands are listed" "Usage: hsmctl COMMAND"
expect 0 "--help" "$hsmctl" --help
expect 64 "an unknown command" "$hsmctl" pln
contains err "did you mean" "unknown command 'pln': did you mean 'plan'?"
expect 64 "an unknown command, with an option" "$hsmctl" pln --help
expect 64 "an unknown option" "$hsmctl" apply --yess
contains err "did you mean" "did you mean --yes?"
expect 64 "another command's option" "$hsmctl" drift --yes
expect 64 "an unknown letter" "$hsmctl" plan -qz
contains err "the letter is named" "-z"
expect 64 "a value that is missing" "$hsmctl" plan --out
expect 64 "a value that is too much" "$hsmctl" plan --prune=yes
expect 64 "an empty value" "$hsmctl" plan --env=
expect 64 "an argument that is too much" "$hsmctl" plan x
expect 64 "two arguments for one" "$hsmctl" show a b
expect 64 "an argument that is missing" "$hsmctl" show
expect 64 "a word that is not known" "$hsmctl" schema tmplate
expect 64 "a format that the command has not" "$hsmctl" plan --format man
expect 64 "a format that nobody has" "$hsmctl" plan -fxml
for value in 0 65 -1 x 8x ''; do
	expect 64 "--parallelism '$value'" "$hsmctl" version --parallelism "$value"
done
for value in 0 -1 x 5d 5mm m 1e3 inf 1. ''; do
	expect 64 "--timeout '$value'" "$hsmctl" version --timeout "$value"
done
for value in 1 30s 5m 2h 0.5 1.5h; do
	expect 0 "--timeout $value" "$hsmctl" version --timeout "$value"
done
expect 64 "-- ends options" "$hsmctl" schema -- --help
contains err "it is an argument" "not '--help'"
expect 0 "options before the command, bundled and joined" "$hsmctl" -qvC "$work" --parallelism=64 version -fjson
equals "the version as JSON" "$(jq -r .version "$work/out")" "$("$hsmctl" version | cut -d' ' -f2)"
equals "--version" "$("$hsmctl" --version)" "$("$hsmctl" version)"

for kind in template config; do
	expect 0 "the schema of $kind" "$hsmctl" schema "$kind"
	cmp "$work/out" "$top/schema/$kind.schema.json" && ok "as it is checked in" || bad "as it is checked in"
done

expect 0 "the man page" "$hsmctl" help --format man
if command -v groff >/dev/null; then
	equals "without warnings" "$(groff -man -ww -Tutf8 "$work/out" 2>&1 >/dev/null)" ""
else
	echo "skip  no groff: the man page is not formatted"
fi
for command in $commands; do
	contains out "the man page has $command" ".SS \"hsmctl $command"
done

# Completion
expect 0 "bash" "$hsmctl" completion bash
bash -n "$work/out" && ok "bash reads its completions" || bad "bash reads its completions"
# complete WORD...: what bash offers for the last word
complete_bash() {
	(
		. "$work/bash"
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
		_hsmctl
		echo "${COMPREPLY[*]}"
	)
}
cp "$work/out" "$work/bash"
mkdir "$work/files" && cd "$work/files" && touch a.plan && mkdir folder
equals "commands" "$(complete_bash hsmctl v)" "validate version"
equals "all of them" "$(complete_bash hsmctl '' | wc -w)" 24
equals "options" "$(complete_bash hsmctl apply --exc)" "--exceed"
equals "not another command's" "$(complete_bash hsmctl drift --pru)" ""
equals "words of an option" "$(complete_bash hsmctl plan --color a)" "auto always"
equals "behind =" "$(complete_bash hsmctl plan --color = n)" "never"
equals "formats of the command" "$(complete_bash hsmctl plan -f '')" "text json markdown sarif github gitlab html"
equals "formats of another" "$(complete_bash hsmctl help --format '')" "text man"
equals "files" "$(complete_bash hsmctl show a)" "a.plan"
equals "files of an option" "$(complete_bash hsmctl plan --out a)" "a.plan"
equals "folders" "$(complete_bash hsmctl -C '')" "folder"
equals "an option's value is no command" "$(complete_bash hsmctl -e show apply a)" "a.plan"
equals "words of an argument" "$(complete_bash hsmctl schema t)" "template"
equals "commands to help with" "$(complete_bash hsmctl help ap)" "apply"
for shell in zsh fish; do
	expect 0 "$shell" "$hsmctl" completion "$shell"
	cp "$work/out" "$work/$shell"
	if command -v "$shell" >/dev/null; then
		"$shell" -n "$work/$shell" && ok "$shell reads its completions" || bad "$shell reads its completions"
	else
		echo "skip  no $shell: its completions are not loaded"
	fi
done
if command -v fish >/dev/null; then
	fish_complete() { HOME=$work fish --no-config -c "source $work/fish; complete -C '$1'" | cut -f1 | sort | tr '\n' ' '; }
	equals "fish: commands" "$(fish_complete 'hsmctl v')" "validate version "
	equals "fish: options" "$(fish_complete 'hsmctl apply --exc')" "--exceed "
	equals "fish: formats" "$(fish_complete 'hsmctl help --format ')" "man text "
	equals "fish: words" "$(fish_complete 'hsmctl schema ')" "config requirements serve template "
	equals "fish: files" "$(fish_complete 'hsmctl show a')" "a.plan "
fi

# Where output goes
expect 1 "stdout is full" sh -c "'$hsmctl' version >/dev/full"
contains err "and it is said" "cannot write the result to stdout: No space left on device"
expect 1 "stdout is full, JSON" sh -c "'$hsmctl' version --format json >/dev/full"
expect 1 "stdout is closed" sh -c "'$hsmctl' version >&-"
equals "the reader is gone" "$(bash -c "(sleep 0.2; '$hsmctl' help --format man 2>/dev/null; echo \$? >'$work/code') | true"; cat "$work/code")" 1
# On a terminal there is colour, unless somebody minds.
colors() { script -qec "$1" /dev/null </dev/null | grep -c "$(printf '\033')" || true; }
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
	equals "colour on a terminal" "$(TERM=xterm colors "'$hsmctl' pln")" 1
	equals "NO_COLOR" "$(TERM=xterm NO_COLOR=1 colors "'$hsmctl' pln")" 0
	equals "a dumb terminal" "$(TERM=dumb colors "'$hsmctl' pln")" 0
	equals "--color never" "$(TERM=xterm colors "'$hsmctl' pln --color never")" 0
else
	echo "skip  no terminal can be made: colour on a terminal is not looked at"
fi
expect 66 "no colour elsewhere" "$hsmctl" version -C nothing
lacks err "no escape" "$(printf '\033')"
expect 66 "--color always" "$hsmctl" version -C nothing --color always
contains err "an escape" "$(printf '\033')"
expect 66 "a name of control characters" "$hsmctl" version -C "$(printf 'a\033[2Jb\r\302\233c\377\342\200\256')"
equals "none of them is printed" "$(LC_ALL=C tr -d '\n -~' <"$work/err" | wc -c)" 0
contains err "they are shown" 'a\u001b[2Jb\u000d\u009bc\xff\u202e'
expect 66 "a log as JSON" "$hsmctl" --log-format json version -C "$(printf 'a"\033\377')"
equals "it is one object" "$(jq -r .level "$work/err")" error
equals "nothing else is in the way" "$(wc -l <"$work/err")" 1

# init and validate
mkdir "$work/new" && cd "$work/new" || exit 1
expect 0 "init in a bare folder" "$hsmctl" init
contains out "what is next" "git init"
rm -r templates .github/workflows
expect 0 "init goes on where one was cut short" "$hsmctl" init
[ -f templates/order_confirmation.yaml ] && ok "with what was missing" || bad "a file is missing"
expect 66 "no repository yet" "$hsmctl" validate
contains err "what to do" "git init"
git init -q -b main .
expect 0 "what init writes is valid" "$hsmctl" validate
equals "and counted" "$(cat "$work/out")" "0 errors in 2 files"
for file in .github/workflows/*.yml .github/actions/*/action.yml; do
	! grep -q '	' "$file" && ok "no tab in $file" || bad "a tab in $file"
done
echo mine >templates/order_confirmation.yaml
rm hsmctl.yaml
expect 1 "init overwrites nothing" "$hsmctl" init
contains err "it says what is there" templates/order_confirmation.yaml
lacks err "and only that" hsmctl.yaml
[ ! -e hsmctl.yaml ] && ok "nothing is written" || bad "hsmctl.yaml is written"
expect 66 "no hsmctl.yaml" "$hsmctl" validate
mkdir "$work/other"
expect 0 "init elsewhere" "$hsmctl" -C "$work/other" init
[ -f "$work/other/hsmctl.yaml" ] && ok "it is written there" || bad "it is not written there"
expect 66 "-C to nowhere" "$hsmctl" -C "$work/nowhere" validate

url=http://127.0.0.1:1
repository "$work/checked"
template good en_US "Hello."
commit "First"
expect 0 "a valid repository" "$hsmctl" validate
printf 'name: bad\ncategory: UTILITY\nfoo: 1\ntranslations: {en: {body: *x}}\n' >templates/bad.yaml
printf 'name: w\xff\n' >templates/worse.yaml
expect 65 "an invalid one" "$hsmctl" validate
contains out "the first at its place" "templates/bad.yaml:3:1: error HSM004: unknown key 'foo'"
contains out "its line" "    foo: 1"
contains out "a caret" "    ^"
contains out "the second" "templates/bad.yaml:4:27: error HSM003"
contains out "the third" "templates/worse.yaml:1:8: error HSM001"
contains out "all counted" "3 errors in 4 files"
equals "nothing else is said" "$(cat "$work/err")" ""
expect 65 "as JSON" "$hsmctl" validate --format json
equals "the counts" "$(jq -c '[.format_version, .valid, .error_count, .warning_count]' "$work/out")" '["1",false,3,0]'
equals "the order" "$(jq -r '.diagnostics[] | "\(.range.filename):\(.range.start.line):\(.range.start.column) \(.rule) \(.severity)"' "$work/out" | tr '\n' ' ')" \
	"templates/bad.yaml:3:1 HSM004 error templates/bad.yaml:4:27 HSM003 error templates/worse.yaml:1:8 HSM001 error "
equals "the range" "$(jq -c '.diagnostics[0].range' "$work/out")" \
	'{"filename":"templates/bad.yaml","start":{"line":3,"column":1,"byte":28},"end":{"line":3,"column":4,"byte":31}}'
equals "texts" "$(jq -r '.diagnostics[] | select((.summary | length) == 0 or (.detail | length) == 0) | .rule' "$work/out")" ""
expect 0 "one good file" "$hsmctl" validate templates/good.yaml
equals "counts alone" "$(cat "$work/out")" "0 errors in 1 file"
expect 65 "one bad file, named otherwise" "$hsmctl" validate "$PWD/./templates/worse.yaml"
contains out "its own" "1 error in 1 file"
expect 65 "a folder" "$hsmctl" validate templates/
expect 66 "no such path" "$hsmctl" validate templates/nothing.yaml
expect 66 "a path elsewhere" "$hsmctl" validate "$work/files"
expect 0 "a revision" "$hsmctl" validate --rev HEAD
expect 0 "a path of it" "$hsmctl" validate --rev HEAD ./templates/good.yaml
expect 66 "a path that it has not" "$hsmctl" validate --rev HEAD templates/bad.yaml
expect 66 "no such revision" "$hsmctl" validate --rev nowhere
expect 64 "no such environment" "$hsmctl" validate --env nowhere
expect 64 "nor by HSMCTL_ENV" env HSMCTL_ENV=nowhere "$hsmctl" validate
expect 0 "an empty HSMCTL_ENV is none" env HSMCTL_ENV= "$hsmctl" validate templates/good.yaml
rm templates/bad.yaml templates/worse.yaml
printf 'foo: 1\n' >>hsmctl.yaml
expect 78 "a bad hsmctl.yaml" "$hsmctl" validate templates/good.yaml
contains out "at its place" "hsmctl.yaml:4:1: error HSM004"
expect 78 "as JSON" "$hsmctl" validate --format json
equals "with its diagnostic" "$(jq -r '.diagnostics[0].range.filename' "$work/out")" hsmctl.yaml
finish
