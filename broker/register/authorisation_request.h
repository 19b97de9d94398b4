/* What a personal authorisation may say, before the register is asked. */
#pragma once

#include "broker/register/authorisation.h"

/*
 * Names, unit, order, kind, texts, and times that lie ahead. Nobody authorises
 * themself. An exception of "" is none.
 */
bool authorisation_request_is_valid(
    const struct authorisation_request *request, int64_t now_s);

/* A basis or a reason: 1 to 255 bytes of clean text. */
bool authorisation_text_is_valid(const char *text);

/* A unit's number: 1 to 16 of [0-9A-Za-z-]. */
bool authorisation_unit_is_valid(const char *unit);
