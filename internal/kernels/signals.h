#ifndef GOKERAS_SIGNALS_H
#define GOKERAS_SIGNALS_H

#include <signal.h>

// See WithoutSignals in register_cgo.go. The signals blocked before are kept in was.
void gk_block_signals(sigset_t *was);
void gk_unblock_signals(const sigset_t *was);

#endif
