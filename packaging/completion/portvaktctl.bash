# bash completion for portvaktctl(8)

# Only root is told; whoever else presses Tab gets nothing, and at once.
_portvaktctl_names() {
	timeout 2 portvaktctl --json account list 2>/dev/null </dev/null |
		sed -n 's/^ *"name": "\([a-z0-9_-]*\)",*$/\1/p'
}

_portvaktctl() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local -a words=()
	local word

	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		[[ $word == -* ]] || words+=("$word")
	done
	case $prev in
	--reason|--issuer|--uid|--gecos) return ;;
	--home|--shell) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
	esac
	case "${words[*]}" in
	'') set -- status check account import reload --json --help --version ;;
	account) set -- add list show lock unlock remove ;;
	'account add'*) set -- --issuer --uid --gecos --home --shell --json ;;
	'account lock') set -- "$(_portvaktctl_names)" --reason --json ;;
	'account lock '*) set -- --reason --json ;;
	'account remove') set -- "$(_portvaktctl_names)" --yes --json ;;
	'account remove '*) set -- --yes --json ;;
	'account show'|'account unlock') set -- "$(_portvaktctl_names)" --json ;;
	import) mapfile -t COMPREPLY < <(compgen -f -X '!*.csv' -- "$cur")
		set -- --dry-run --json ;;
	*) set -- --json --help ;;
	esac
	mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$*" -- "$cur")
}
complete -F _portvaktctl portvaktctl
