/* The service section: one in each file, whose groups all others give. */
#include "broker/policy/policy_draft.h"

#include <errno.h>
#include <string.h>

static int
check_title(struct policy_draft *draft, const struct settings_section *section)
{
	if (policy_service_name.is_valid(section->title))
		return 0;
	return config_error_set(draft->keeper.error, -EINVAL, section->file,
	    section->first_line, "service \"%.64s\": %s", section->title,
	    policy_service_name.expected);
}

static int
check_others(struct policy_draft *draft, const struct settings_section *section)
{
	const struct draft_service *other;

	if (draft->file.service)
		return config_error_set(draft->keeper.error, -EINVAL,
		    section->file, section->first_line,
		    "a second service section (the first is at line %u): "
		    "each service has a file of its own",
		    draft->file.service->service.place.line);
	for (other = draft->services; other; other = other->next) {
		if (strcmp(other->service.name, section->title) == 0)
			return config_error_set(draft->keeper.error, -EINVAL,
			    section->file, section->first_line,
			    "service \"%s\" stands at %s:%u already: remove "
			    "one of them, or call this file as that one, to "
			    "take its place",
			    section->title, other->service.place.file,
			    other->service.place.line);
	}
	return 0;
}

static int
take_options(struct policy_draft *draft, const struct settings_section *section,
    struct policy_service *service)
{
	static const char *const needed[] = {"title", "title_en", NULL};
	const struct value_keeper *keeper = &draft->keeper;
	int error, established = false;

	error = value_require(
	    keeper, section, needed, "people read it, write both");
	if (!error)
		error = value_take_text(
		    keeper, section, "title", &policy_title, &service->title);
	if (!error)
		error = value_take_text(keeper, section, "title_en",
		    &policy_title, &service->title_en);
	if (!error)
		error = value_take_choice(keeper, section,
		    "needs_established_unit", policy_booleans, &established);
	service->needs_established_unit = established;
	return error;
}

int
policy_take_service(
    struct policy_draft *draft, const struct settings_section *section)
{
	struct draft_service *service;
	int error;

	error = check_title(draft, section);
	if (!error)
		error = check_others(draft, section);
	if (error)
		return error;
	service = arena_alloc(&draft->arena, sizeof(*service));
	if (!service)
		return -ENOMEM;
	service->shipped = draft->file.shipped;
	service->service.place = policy_place_of(draft, section);
	service->established_line =
	    policy_option_line(section, "needs_established_unit");
	service->index = draft->policy.services_count;
	error =
	    value_keep(&draft->keeper, section->title, &service->service.name);
	if (!error)
		error = take_options(draft, section, &service->service);
	if (error)
		return error;
	service->next = draft->services;
	draft->services = service;
	draft->file.service = service;
	draft->policy.services_count++;
	return 0;
}

int
policy_finish_services(struct policy_draft *draft)
{
	const struct draft_service *service;
	struct policy_service *services;

	services = arena_alloc(&draft->arena,
	    (draft->policy.services_count + 1) * sizeof(*services));
	if (!services)
		return -ENOMEM;
	for (service = draft->services; service; service = service->next)
		services[service->index] = service->service;
	draft->policy.services = services;
	return 0;
}
