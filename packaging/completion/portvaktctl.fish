# fish completion for portvaktctl(8)

set -l top status check account lock import explain simulate authorise \
	withdraw revoke authorised notices sessions pid-key reload
set -l account add list show lock unlock remove pid

complete -c portvaktctl -f
complete -c portvaktctl -l json -d 'answer with one JSON object'
complete -c portvaktctl -l help -d 'show what a command takes'
complete -c portvaktctl -l version -d 'show the version'
complete -c portvaktctl -n "not __fish_seen_subcommand_from $top" -a "$top"
complete -c portvaktctl -n "__fish_seen_subcommand_from account; \
and not __fish_seen_subcommand_from $account" -a "$account"
complete -c portvaktctl -n '__fish_seen_subcommand_from authorised' -a import
complete -c portvaktctl -n '__fish_seen_subcommand_from notices' -a take
complete -c portvaktctl -n '__fish_seen_subcommand_from pid-key' -a rotate
complete -c portvaktctl -n '__fish_seen_subcommand_from lock' \
	-l end-sessions -d 'end what runs already'
complete -c portvaktctl -n '__fish_seen_subcommand_from remove' -l yes
complete -c portvaktctl -n '__fish_seen_subcommand_from import' -l dry-run
complete -c portvaktctl -n '__fish_seen_subcommand_from import' -F
complete -c portvaktctl -n '__fish_seen_subcommand_from add' -l pid
complete -c portvaktctl -n '__fish_seen_subcommand_from simulate' \
	-l rules -x -a '(__fish_complete_directories)'
complete -c portvaktctl -n '__fish_seen_subcommand_from authorised' -l csv
complete -c portvaktctl -n '__fish_seen_subcommand_from notices' -l all
complete -c portvaktctl -n '__fish_seen_subcommand_from authorise' \
	-l kind -x -a 'case clerical'
for option in issuer uid gecos home shell
	complete -c portvaktctl -n '__fish_seen_subcommand_from add' \
		-l $option -x
end
for option in as-of with
	complete -c portvaktctl -n '__fish_seen_subcommand_from explain' \
		-l $option -x
end
for option in unit order basis reason from until exception
	complete -c portvaktctl -n '__fish_seen_subcommand_from authorise' \
		-l $option -x
end
for option in unit person as-of from until
	complete -c portvaktctl -n '__fish_seen_subcommand_from authorised' \
		-l $option -x
end
for option in session subject before issuer reason
	complete -c portvaktctl -n '__fish_seen_subcommand_from revoke' \
		-l $option -x
end
for option in unit reason
	complete -c portvaktctl -n '__fish_seen_subcommand_from withdraw' \
		-l $option -x
end
complete -c portvaktctl -n '__fish_seen_subcommand_from lock' -l reason -x
