# Sourced by the tests over Meta's API: a repository for an account of the emulator's.
# shellcheck shell=bash
export META_ACCESS_TOKEN=planted-secret-of-meta
account=102290129340398765 app=670843887433847123
graph=/v23.0

# meta_repository [FOLDER]
meta_repository() {
	repository "$@"
	printf 'backend: meta\nenvironments:\n  dev:\n    base_url: %s\n    account: "%s"\n    app: "%s"\n' \
		"$url" "$account" "$app" >hsmctl.yaml
	mkdir -p files
}

# call METHOD PATH [BODY]: the API, as another program would.
call() {
	curl -fsS -X "$1" -H "Authorization: Bearer $META_ACCESS_TOKEN" -H 'Content-Type: application/json' \
		${3:+-d "$3"} "$url$graph/$2"
}

# sample PATH: a file that a header of this name can show.
sample() {
	mkdir -p "$(dirname "$1")"
	case $1 in
	*.jpg) printf '\xff\xd8\xff\xe0 %s' "$1" ;;
	*.png) printf '\x89PNG\r\n\x1a\n %s' "$1" ;;
	*.mp4) printf '\0\0\0\x18ftypmp42 %s' "$1" ;;
	*.pdf) printf '%%PDF-1.7 %s' "$1" ;;
	esac >"$1"
}

# requests METHOD PATTERN: how many there were since `forget`.
requests() { admin GET requests | jq --arg method "$1" --arg path "$2" '[.requests[] | select(.method == $method and (.path | test($path)))] | length'; }
forget() { admin DELETE requests >/dev/null; }
