#ifndef GOKERAS_IMPORTS_H
#define GOKERAS_IMPORTS_H

#include <stddef.h>

// gk_import is a function that a library takes from others, by its name, and what it is to call instead.
typedef struct {
	const char *name;
	void *instead;
} gk_import;

// gk_replace_imports has the library at path, which is loaded, call other functions from now on. What it can't change stays as it is.
void gk_replace_imports(const char *path, const gk_import *imports, size_t count);

#endif
