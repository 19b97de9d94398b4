# bash completion for portvaktctl(8)

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
	'account lock'*) set -- --reason --json ;;
	'account remove'*) set -- --yes --json ;;
	import) mapfile -t COMPREPLY < <(compgen -f -X '!*.csv' -- "$cur")
		set -- --dry-run --json ;;
	*) set -- --json --help ;;
	esac
	mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$*" -- "$cur")
}
complete -F _portvaktctl portvaktctl
