// SPDX-License-Identifier: GPL-2.0
/* The pure functions under test, compiled once more. */
#include "flow.c"
#include "toeplitz.c"
