#include "ctl/pam_dispatch.h"

#include <stdbool.h>

enum {
	MUST_FAIL = PAM_PERM_DENIED, /* libpam's answer for broken lines */
};

enum impression {
	UNDECIDED = 0,
	POSITIVE,
	NEGATIVE,
};

struct state {
	enum impression impression;
	int status;
};

struct run {
	const struct pam_stack *stack;
	struct state state;
	struct state entered[PAM_STACK_DEPTH_MAX + 1]; /* by depth */
	size_t at;
};

static bool
goes_on_in(const struct run *run, unsigned int depth)
{
	return run->at + 1 < run->stack->count &&
	       run->stack->lines[run->at + 1].depth >= depth;
}

/* Over so many modules of this depth; a substack counts as one. */
static int
jump(struct run *run, unsigned int depth, int modules)
{
	for (; modules > 0 && goes_on_in(run, depth); modules--) {
		do
			run->at++;
		while (goes_on_in(run, depth + 1));
	}
	return modules;
}

static void
end_stack(struct run *run, unsigned int depth)
{
	while (goes_on_in(run, depth))
		run->at++;
}

static void
be_positive(struct run *run, int answer)
{
	struct state *state = &run->state;

	if (state->impression == UNDECIDED ||
	    (state->impression == POSITIVE && state->status == PAM_SUCCESS))
		*state = (struct state){POSITIVE, answer};
}

static void
be_negative(struct run *run, int answer)
{
	if (run->state.impression == NEGATIVE)
		return;
	run->state.impression = NEGATIVE;
	run->state.status = answer == PAM_IGNORE ? MUST_FAIL : answer;
}

static void
act(struct run *run, int action, int answer, unsigned int depth)
{
	switch (action) {
	case PAM_ACTION_IGNORE:
		break;
	case PAM_ACTION_RESET:
		run->state = run->entered[depth];
		break;
	case PAM_ACTION_OK:
		be_positive(run, answer);
		break;
	case PAM_ACTION_DONE:
		be_positive(run, answer);
		if (run->state.impression == POSITIVE)
			end_stack(run, depth);
		break;
	case PAM_ACTION_BAD:
		be_negative(run, answer);
		break;
	case PAM_ACTION_DIE:
		be_negative(run, answer);
		end_stack(run, depth);
		break;
	default: /* a jump; past the end it is a fault */
		if (jump(run, depth, action) > 0)
			run->state = (struct state){NEGATIVE, MUST_FAIL};
		break;
	}
}

int
pam_dispatch(const struct pam_stack *stack, pam_dispatch_answer_fn answer,
    const void *scenario)
{
	struct run run = {stack, {UNDECIDED, MUST_FAIL}, {{0}}, 0};
	unsigned int depth = 0;
	int code;

	run.entered[0] = run.state;
	for (; run.at < stack->count; run.at++) {
		const struct pam_line *line = &stack->lines[run.at];

		if (depth < line->depth)
			run.entered[line->depth] = run.state;
		depth = line->depth;
		if (line->kind == PAM_LINE_SUBSTACK)
			continue;
		code = line->kind == PAM_LINE_MODULE
			   ? answer(line->module, scenario)
			   : MUST_FAIL;
		act(&run, line->control.actions[code], code, depth);
	}
	if (run.state.impression != POSITIVE && run.state.status == PAM_SUCCESS)
		return MUST_FAIL;
	return run.state.status;
}
