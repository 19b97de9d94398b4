/*
 * Ours against libpam itself: the same random stacks of pam_debug.so, which
 * returns what it is told, must come to the same end in both.
 */
#include "ctl/pam_dispatch.h"
#include "tests/unit/root.h"
#include "tests/unit/unit.h"

#include <security/pam_appl.h>

#include <glob.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	STACKS = 1500,
	LINES_MAX = 7,
	TEXT_SIZE = 8192,
};

/* Each is a link to pam_debug.so, so that our side knows its answer. */
static const struct answering {
	const char *module;
	const char *word;
	int code;
} modules[] = {
    {"pam_yes.so", "success", PAM_SUCCESS},
    {"pam_no.so", "auth_err", PAM_AUTH_ERR},
    {"pam_unknown.so", "user_unknown", PAM_USER_UNKNOWN},
    {"pam_ignore.so", "ignore", PAM_IGNORE},
    {"pam_reqd.so", "new_authtok_reqd", PAM_NEW_AUTHTOK_REQD},
};

static const char *const controls[] = {"required", "requisite", "sufficient",
    "optional", "[success=ok default=ignore]", "[success=1 default=ignore]",
    "[success=2 default=bad]", "[default=1]", "[success=done default=die]",
    "[success=reset default=ok]", "[user_unknown=ignore success=ok]",
    "[success=bad default=done]", "[default=ignore]", "[ignore=ok default=2]",
    "[default=9]", "[default=reset success=3]"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static unsigned int
next(unsigned int *seed, size_t below)
{
	return (unsigned int)rand_r(seed) % (unsigned int)below;
}

static void
random_lines(
    const char *root, unsigned int *seed, bool includes, char *ret_text)
{
	/* Absolute, for libpam looks for the others in /etc/pam.d alone. */
	static const struct {
		const char *before, *after;
	} extra[] = {
	    {"auth include ", "/etc/pam.d/inner\n"},
	    {"auth substack ", "/etc/pam.d/inner\n"},
	    {"@include ", "/etc/pam.d/inner\n"},
	    {"# ", "\n"},
	    {"auth \\\n required ", "/lib/pam_missing.so\n"},
	    {"session required ", "/lib/pam_missing.so\n"},
	};
	size_t used = 0, which, lines = 1 + next(seed, LINES_MAX);
	const struct answering *module;

	for (; lines > 0; lines--) {
		if (next(seed, 5) == 0) {
			which = next(seed, 3) + (includes ? 0 : 3);
			used += (size_t)snprintf(ret_text + used,
			    TEXT_SIZE - used, "%s%s%s", extra[which].before,
			    root, extra[which].after);
			continue;
		}
		/* Half of them say yes, so that many stacks do. */
		module = &modules[next(seed, 2) * next(seed, COUNT(modules))];
		used += (size_t)snprintf(ret_text + used, TEXT_SIZE - used,
		    "auth %s %s/lib/%s auth=%s\n",
		    controls[next(seed, COUNT(controls))], root, module->module,
		    module->word);
	}
}

static int
answer(const char *module, const void *scenario)
{
	size_t i;

	(void)scenario;
	for (i = 0; i < COUNT(modules); i++) {
		if (strcmp(modules[i].module, module) == 0)
			return modules[i].code;
	}
	return PAM_MODULE_UNKNOWN;
}

static int
our_verdict(const char *root)
{
	struct pam_stack *stack;
	char service[PATH_MAX];
	int code;

	(void)snprintf(service, sizeof(service), "%s/etc/pam.d/outer", root);
	assert_int_equal(
	    pam_stack_read("", service, PAM_STACK_AUTH, &stack), 0);
	code = pam_dispatch(stack, answer, NULL);
	assert_null(pam_stack_free(stack));
	return code;
}

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **ret_responses, void *userdata)
{
	(void)messages;
	(void)userdata;
	*ret_responses = calloc((size_t)count, sizeof(**ret_responses));
	return *ret_responses ? PAM_SUCCESS : PAM_BUF_ERR;
}

static int
libpam_verdict(const char *root)
{
	const struct pam_conv conversation = {converse, NULL};
	char directory[PATH_MAX];
	pam_handle_t *handle;
	int code;

	(void)snprintf(directory, sizeof(directory), "%s/etc/pam.d", root);
	assert_int_equal(pam_start_confdir("outer", "kari", &conversation,
			     directory, &handle),
	    PAM_SUCCESS);
	code = pam_authenticate(handle, PAM_SILENT);
	assert_int_equal(pam_end(handle, code), PAM_SUCCESS);
	return code;
}

static bool
link_modules(const char *root)
{
	char path[PATH_MAX];
	glob_t found;
	size_t i;

	if (glob("/lib*/*/security/pam_debug.so", 0, NULL, &found) != 0 &&
	    glob("/lib*/security/pam_debug.so", 0, NULL, &found) != 0)
		return false;
	for (i = 0; i < COUNT(modules); i++) {
		(void)snprintf(
		    path, sizeof(path), "/lib/%s", modules[i].module);
		root_link(root, path, found.gl_pathv[0]);
	}
	globfree(&found);
	return true;
}

static void
test_agrees_with_libpam(void **state)
{
	static char outer[TEXT_SIZE], inner[TEXT_SIZE];
	unsigned int seed = 20240;
	char root[ROOT_SIZE];
	int i, ours, theirs, allowed = 0;

	(void)state;
	root_make(root);
	if (!link_modules(root)) {
		root_remove(root);
		skip();
	}
	root_file(root, "/etc/pam.d/other", 0644, "");
	for (i = 0; i < STACKS; i++) {
		random_lines(root, &seed, true, outer);
		random_lines(root, &seed, false, inner);
		root_file(root, "/etc/pam.d/outer", 0644, outer);
		root_file(root, "/etc/pam.d/inner", 0644, inner);
		ours = our_verdict(root);
		theirs = libpam_verdict(root);
		if (ours != theirs)
			fail_msg("we say %d, libpam %d\nouter:\n%s\ninner:\n%s",
			    ours, theirs, outer, inner);
		allowed += theirs == PAM_SUCCESS;
	}
	/* Both ends are reached often, or nothing was compared. */
	assert_in_range(allowed, STACKS / 10, STACKS * 9 / 10);
	root_remove(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_agrees_with_libpam),
	};

	return cmocka_run_group_tests_name("pam_dispatch", tests, NULL, NULL);
}
