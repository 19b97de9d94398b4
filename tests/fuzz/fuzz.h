/*
 * A fuzz target is one function in tests/fuzz/fuzz_X.c. tests/fuzz/run links
 * it with libFuzzer; `make check` links it with replay.c, which feeds it every
 * file of tests/fuzz/corpus/X.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
