# Sourced after lib.sh: a PostgreSQL of the test's own, in its work folder.
# shellcheck shell=bash
postgres_bin=/usr/lib/postgresql/15/bin
postgres_folder=

postgres_is_installed() { [ -x "$postgres_bin/initdb" ]; }

# PostgreSQL does not run as root.
as_postgres() {
	if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

# postgres: starts one; sets $registry_url. It listens on a socket in its folder only.
postgres() {
	postgres_folder=$work/postgresql
	mkdir -p "$postgres_folder"
	# mktemp's folder is its owner's alone.
	chmod 711 "$work"
	[ "$(id -u)" != 0 ] || chown postgres "$postgres_folder"
	as_postgres "$postgres_bin/initdb" -D "$postgres_folder/data" -U hsmctl -A trust -E UTF8 --locale C \
		>"$work/initdb.log" 2>&1 || { cat "$work/initdb.log"; echo "FAIL  initdb"; exit 1; }
	postgres_start
	registry_url="postgres://hsmctl@/postgres?host=$postgres_folder"
}

postgres_start() {
	as_postgres timeout 60 "$postgres_bin/pg_ctl" -D "$postgres_folder/data" -l "$postgres_folder/log" -w \
		-o "-k '$postgres_folder' -h '' -c max_connections=50" start >"$work/pg_ctl.log" 2>&1 ||
		{ cat "$work/pg_ctl.log" "$postgres_folder/log"; echo "FAIL  PostgreSQL does not start"; exit 1; }
}

# postgres_stop [fast|immediate]
postgres_stop() {
	[ ! -e "$postgres_folder/data/postmaster.pid" ] ||
		as_postgres timeout 60 "$postgres_bin/pg_ctl" -D "$postgres_folder/data" -w -m "${1:-fast}" stop >/dev/null 2>&1
}

# postgres_query SQL: rows, their columns separated by tabs.
postgres_query() { timeout 300 psql -X -q -A -t -F $'\t' -v ON_ERROR_STOP=1 "$registry_url" -c "$1"; }

trap 'postgres_stop immediate; cleanup' EXIT
