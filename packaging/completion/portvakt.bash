# bash completion for portvakt(1)

# Root and the group portvakt-verify are told; whoever else presses Tab gets
# nothing.
_portvakt_groups() {
	timeout 2 portvakt groups 2>/dev/null </dev/null | sed 's/ .*//'
}

# The services that PAM knows of: for one of them a handle is made.
_portvakt_services() {
	local file

	for file in /etc/pam.d/*; do
		[[ ${file##*/} == common-* ]] || echo "${file##*/}"
	done
}

_portvakt() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}

	case $prev in
	--audience|--scope|--issuer|--max-age) return ;;
	--group) set -- "$(_portvakt_groups)" ;;
	--level) set -- low substantial high ;;
	--service) set -- "$(_portvakt_services)" ;;
	--account) mapfile -t COMPREPLY < <(compgen -u -- "$cur"); return ;;
	--image) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
	*)
		case $COMP_CWORD:${COMP_WORDS[1]} in
		1:*) set -- verify groups handle --help --version ;;
		*:verify) set -- --audience --scope --group --issuer --level \
			--max-age --json --image ;;
		*:groups) set -- --json --image ;;
		*:handle) set -- --service --account --json ;;
		*) return ;;
		esac ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$*" -- "$cur")
}
complete -F _portvakt portvakt
