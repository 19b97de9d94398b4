# Sourced by demo and check: what both need before they can begin. The caller
# stands in the top of the tree, and has a function `say`.
set -eu

# Packages of the list that are missing here.
missing_packages() {
	sed 's/#.*//' tests/packages | while read -r package command; do
		[ -n "$package" ] || continue
		if [ -n "$command" ] && command -v "$command" >/dev/null; then
			continue
		fi
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null |
			grep -q ' installed' || echo "$package"
	done
}

# Installing openssh-server must not start one on this machine.
without_services() {
	policy=/usr/sbin/policy-rc.d
	if [ -e "$policy" ]; then
		"$@"
		return
	fi
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
	status=0
	"$@" || status=$?
	rm -f "$policy"
	return $status
}

install_packages() {
	missing=$(missing_packages)
	if [ -z "$missing" ]; then
		return
	fi
	say "installing packages:" $missing
	export DEBIAN_FRONTEND=noninteractive
	apt-get -q update
	# shellcheck disable=SC2086 # one word a package
	without_services apt-get -q -y --no-install-recommends install $missing
}

# The identity provider's npm packages, as package-lock.json pins them. It
# needs Node 20; Debian 12's own is 18, and then npm brings one.
install_idp() {
	lock=tests/idp/package-lock.json
	if [ tests/idp/node_modules/.package-lock.json -nt $lock ]; then
		return
	fi
	say "installing the identity provider (npm)"
	(cd tests/idp && npm ci --no-audit --no-fund)
	if ! node -e 'process.exit(URL.parse ? 0 : 1)'; then
		say "installing a newer Node.js beside it (npm)"
		(cd tests/idp && npm install --no-save --no-audit --no-fund \
			node@22.20.0)
	fi
	touch tests/idp/node_modules/.package-lock.json
}

# configure_in DIR option...: as a Debian package would be configured.
configure_in() {
	source=$PWD
	dir=$1
	shift
	multiarch=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
	if [ ! -e configure ] || [ configure.ac -nt configure ]; then
		autoreconf -fi
	fi
	mkdir -p "$dir"
	if [ "$dir/config.status" -nt configure ]; then
		return
	fi
	(cd "$dir" && "$source/configure" --prefix=/usr --sysconfdir=/etc \
		--localstatedir=/var --libdir="/usr/lib/$multiarch" \
		--libexecdir=/usr/libexec "$@")
}

need_root() {
	if [ "$(id -u)" -ne 0 ]; then
		echo "$0: must run as root: it builds a private world of" \
			"namespaces and mounts" >&2
		exit 2
	fi
}
