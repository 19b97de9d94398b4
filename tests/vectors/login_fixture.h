/* The login that a group of tests shares, each with one thing changed. */
#pragma once

#include "tests/vectors/login.h"

static struct login login;

static int
login_set_up(void **state)
{
	(void)state;
	login_init(&login);
	return 0;
}

static int
login_tear_down(void **state)
{
	(void)state;
	login_done(&login);
	return 0;
}
