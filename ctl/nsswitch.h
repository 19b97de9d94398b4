/* nsswitch.conf(5): whether glibc asks portvakt, and after the local files. */
#pragma once

#include <stddef.h>

enum {
	NSSWITCH_LINE_SIZE = 512,
};

enum nsswitch_outcome {
	NSSWITCH_MISSING = 0, /* no line: glibc asks the files alone */
	NSSWITCH_NOT_ASKED, /* portvakt is not in it */
	NSSWITCH_BEFORE_FILES, /* local accounts must come first */
	NSSWITCH_CUT_OFF, /* an action returns before portvakt is asked */
	NSSWITCH_FIRST_ALONE, /* initgroups: who is in a local group ends it */
	NSSWITCH_GOOD,
};

/*
 * Judges the line of database ("passwd") in text, the last one if there are
 * several, as glibc does. *ret_line is its number, 0 for none; ret_remedy the
 * line as it should read; initgroups is best without one.
 */
enum nsswitch_outcome nsswitch_judge(const char *text, const char *database,
    size_t *ret_line, char ret_remedy[static NSSWITCH_LINE_SIZE]);
