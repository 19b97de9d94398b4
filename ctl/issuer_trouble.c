#include "ctl/issuer_trouble.h"

#include <string.h>

bool
issuer_trouble_is_stale(const char *detail)
{
	return strstr(detail, "keeps the hosts");
}

const char *
issuer_trouble_remedy(const char *detail)
{
	if (issuer_trouble_is_stale(detail))
		return "systemctl restart portvakt-fetch";
	return "Look at the network, the firewall and the proxy, and at "
	       "ca_file in portvakt.conf.";
}
