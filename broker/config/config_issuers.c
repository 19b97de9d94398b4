/*
 * The issuers together: names that tell them apart, and one fetcher that
 * serves them all, with one list of hosts and one set of authorities.
 */
#include "broker/config/config_draft.h"
#include "broker/config/config_error.h"
#include "lib/fetch_protocol.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Of one that is alone. */
static const char *
usual_name(const struct config_issuer *issuer)
{
	return issuer->logs_people_in ? "staff" : issuer->kind->name;
}

static int
compare_hosts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t
config_sort_hosts(const char **hosts, size_t count)
{
	size_t i, kept = 1;

	qsort(hosts, count, sizeof(*hosts), compare_hosts);
	for (i = 1; i < count; i++) {
		if (strcmp(hosts[i], hosts[kept - 1]) != 0)
			hosts[kept++] = hosts[i];
	}
	return kept;
}

static int
refuse(struct config_draft *draft, size_t index, const char *what)
{
	const struct config_place *place = &draft->issuers[index];

	return config_error_set(draft->error, -EINVAL, place->file, place->line,
	    "issuer \"%.64s\": %s", draft->config.issuers[index].profile.issuer,
	    what);
}

static int
check_name(struct config_draft *draft, size_t index)
{
	const struct config_issuer *issuers = draft->config.issuers;
	size_t i;

	if (!issuers[index].name)
		return refuse(draft, index,
		    "with several issuers each needs a name: add "
		    "name = \"...\", which rules then use");
	for (i = 0; i < index; i++) {
		if (strcmp(issuers[i].name, issuers[index].name) == 0)
			return refuse(draft, index,
			    "another issuer has its name: choose another one");
	}
	return 0;
}

static int
name_issuers(struct config_draft *draft)
{
	struct config_issuer *issuers = draft->config.issuers;
	size_t i;
	int error = 0;

	if (draft->config.issuers_count == 1) {
		if (!issuers[0].name)
			issuers[0].name = usual_name(&issuers[0]);
		return 0;
	}
	for (i = 0; i < draft->config.issuers_count && !error; i++)
		error = check_name(draft, i);
	return error;
}

/* The fetcher has one set for all of its calls. */
static int
check_authorities(struct config_draft *draft)
{
	const struct config_issuer *issuers = draft->config.issuers;
	const char *first = issuers[0].ca_file, *other;
	size_t i;

	for (i = 1; i < draft->config.issuers_count; i++) {
		other = issuers[i].ca_file;
		if (first != other &&
		    (!first || !other || strcmp(first, other) != 0))
			return refuse(draft, i,
			    "its ca_file is not that of the first issuer: "
			    "portvakt-fetch has one for all, put the "
			    "authorities in one file and name it everywhere");
	}
	return 0;
}

static int
unite_hosts(struct config_draft *draft)
{
	struct config *config = &draft->config;
	size_t i, j, count = 0;
	const char **hosts;

	hosts = arena_alloc(&draft->arena,
	    config->issuers_count * FETCH_HOSTS_MAX * sizeof(*hosts));
	if (!hosts)
		return -ENOMEM;
	for (i = 0; i < config->issuers_count; i++) {
		for (j = 0; j < config->issuers[i].hosts_count; j++)
			hosts[count++] = config->issuers[i].hosts[j];
	}
	config->hosts = hosts;
	config->hosts_count = config_sort_hosts(hosts, count);
	if (config->hosts_count > FETCH_HOSTS_MAX)
		return refuse(draft, config->issuers_count - 1,
		    "all issuers together have more than 16 hosts");
	return 0;
}

int
config_finish_issuers(struct config_draft *draft)
{
	int error;

	error = name_issuers(draft);
	if (!error)
		error = check_authorities(draft);
	return error ? error : unite_hosts(draft);
}

size_t
config_next_login(const struct config *config, size_t index)
{
	while (index < config->issuers_count &&
	       !config->issuers[index].logs_people_in)
		index++;
	return index;
}

const struct config_issuer *
config_issuer_by_url(const struct config *config, const char *url)
{
	size_t i;

	for (i = 0; i < config->issuers_count; i++) {
		if (strcmp(config->issuers[i].profile.issuer, url) == 0)
			return &config->issuers[i];
	}
	return NULL;
}

const struct config_issuer *
config_issuer_by_name(const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->issuers_count; i++) {
		if (strcmp(config->issuers[i].name, name) == 0)
			return &config->issuers[i];
	}
	return NULL;
}
