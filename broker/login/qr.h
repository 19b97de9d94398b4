/*
 * A QR code as text for a terminal: two modules in each character, in UTF-8
 * half blocks, light modules drawn, for the dark background that terminals
 * have. At QR_TEXT_SIZE it passes through every PAM client.
 */
#pragma once

#include <stddef.h>

enum { QR_TEXT_SIZE = 2800 };

/* 0, or -EMSGSIZE when the code would not fit, -ENOMEM. */
int qr_draw(const char *content, char ret_text[static QR_TEXT_SIZE]);
