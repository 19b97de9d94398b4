# fish completion for portvaktctl(8)

set -l top status check account import reload
set -l account add list show lock unlock remove

complete -c portvaktctl -f
complete -c portvaktctl -l json -d 'answer with one JSON object'
complete -c portvaktctl -l help -d 'show what a command takes'
complete -c portvaktctl -l version -d 'show the version'
complete -c portvaktctl -n "not __fish_seen_subcommand_from $top" -a "$top"
complete -c portvaktctl -n "__fish_seen_subcommand_from account; \
and not __fish_seen_subcommand_from $account" -a "$account"
complete -c portvaktctl -n '__fish_seen_subcommand_from lock' -l reason -x
complete -c portvaktctl -n '__fish_seen_subcommand_from remove' -l yes
complete -c portvaktctl -n '__fish_seen_subcommand_from import' -l dry-run
complete -c portvaktctl -n '__fish_seen_subcommand_from import' -F
for option in issuer uid gecos home shell
	complete -c portvaktctl -n '__fish_seen_subcommand_from add' \
		-l $option -x
end
