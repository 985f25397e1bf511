//go:build cgo && linux && amd64

#define _GNU_SOURCE

#include "imports.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct {
	ElfW(Addr) base;
	const gk_import *imports;
	size_t count;
} search;

// set writes to a slot, also to one that the loader has made read-only.
static void set(const struct dl_phdr_info *library, void **slot, void *value) {
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), at = (uintptr_t)slot / page * page;
	int constant = 0;
	for (int i = 0; i < library->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &library->dlpi_phdr[i];
		uintptr_t from = library->dlpi_addr + h->p_vaddr;
		if ((uintptr_t)slot < from || (uintptr_t)slot >= from + h->p_memsz) continue;
		if (h->p_type == PT_GNU_RELRO || (h->p_type == PT_LOAD && !(h->p_flags & PF_W))) constant = 1;
	}
	if (constant && mprotect((void *)at, page, PROT_READ | PROT_WRITE)) return;
	__atomic_store_n(slot, value, __ATOMIC_RELEASE);
	if (constant) mprotect((void *)at, page, PROT_READ);
}

static int replace(struct dl_phdr_info *library, size_t size, void *data) {
	(void)size;
	const search *s = data;
	if (library->dlpi_addr != s->base) return 0;
	const ElfW(Dyn) *dynamic = NULL;
	for (int i = 0; i < library->dlpi_phnum; i++)
		if (library->dlpi_phdr[i].p_type == PT_DYNAMIC) dynamic = (const void *)(s->base + library->dlpi_phdr[i].p_vaddr);
	if (!dynamic) return 1;
	const ElfW(Sym) *symbols = NULL;
	const char *names = NULL;
	struct {
		const ElfW(Rela) *first;
		size_t bytes;
	} tables[2] = {{0}};
	for (; dynamic->d_tag != DT_NULL; dynamic++) {
		ElfW(Addr) value = dynamic->d_un.d_ptr;
		const void *address = (const void *)(value < s->base ? s->base + value : value); // some loaders add the base themselves
		switch (dynamic->d_tag) {
		case DT_SYMTAB: symbols = address; break;
		case DT_STRTAB: names = address; break;
		case DT_JMPREL: tables[0].first = address; break;
		case DT_PLTRELSZ: tables[0].bytes = value; break;
		case DT_RELA: tables[1].first = address; break;
		case DT_RELASZ: tables[1].bytes = value; break;
		}
	}
	if (!symbols || !names) return 1;
	for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
		for (size_t i = 0; tables[t].first && i < tables[t].bytes / sizeof(ElfW(Rela)); i++) {
			const ElfW(Rela) *r = &tables[t].first[i];
			unsigned type = ELF64_R_TYPE(r->r_info);
			if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT) continue;
			const char *name = names + symbols[ELF64_R_SYM(r->r_info)].st_name;
			for (size_t k = 0; k < s->count; k++)
				if (!strcmp(name, s->imports[k].name)) set(library, (void **)(s->base + r->r_offset), s->imports[k].instead);
		}
	}
	return 1;
}

void gk_replace_imports(const char *path, const gk_import *imports, size_t count) {
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
	if (!library) return;
	struct link_map *map = NULL;
	if (!dlinfo(library, RTLD_DI_LINKMAP, &map) && map->l_addr) {
		search s = {map->l_addr, imports, count};
		dl_iterate_phdr(replace, &s);
	}
	dlclose(library); // who loaded it holds it, too
}
