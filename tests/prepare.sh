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

# The comment at the top of the caller is its usage.
usage() {
	sed -n '2,/^[^#]/s/^# \{0,1\}//p' "./$(basename "$0")"
}

# wrong_option OPTION
wrong_option() {
	echo "$0: no such option: $1" >&2
	usage >&2
	exit 2
}

# refuse SENTENCE...: nothing has been installed or changed yet.
refuse() {
	echo "$0: $*" >&2
	exit 2
}

# has_capability BIT
has_capability() {
	mask=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
	[ $((0x$mask >> $1 & 1)) -eq 1 ]
}

# What must hold before anything is installed.
need_a_world() {
	[ "$(id -u)" -eq 0 ] ||
		refuse "must run as root: it builds a private world of" \
			"namespaces and mounts"
	# CAP_NET_ADMIN: the world's loopback interface is to be turned on.
	has_capability 12 ||
		refuse "CAP_NET_ADMIN is missing: in a container, give it" \
			"--privileged"
	unshare --mount --net --pid --uts --ipc --fork --propagation private \
		--mount-proc -- true 2>/dev/null ||
		refuse "unshare is not permitted here: in a container, give" \
			"it --privileged"
	[ ! -e config.status ] ||
		refuse "This clone was configured in place: make distclean," \
			"or use a fresh clone"
}
