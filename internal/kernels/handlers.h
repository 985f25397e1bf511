// What XLA calls.

#ifndef GOKERAS_HANDLERS_H
#define GOKERAS_HANDLERS_H

#include "ffi.h"

// How many times XLA asked for a handler's interface and it was one that is known here.
extern int gk_understood;

void *gk_handle_forward(ffi_frame *f);
void *gk_handle_input_gradient(ffi_frame *f);
void *gk_handle_kernel_gradient(ffi_frame *f);
void *gk_handle_depthwise_forward(ffi_frame *f);
void *gk_handle_depthwise_input_gradient(ffi_frame *f);
void *gk_handle_depthwise_kernel_gradient(ffi_frame *f);
void *gk_handle_pool(ffi_frame *f);
void *gk_handle_pool_gradient(ffi_frame *f);
void *gk_handle_dot(ffi_frame *f);
void *gk_handle_sum(ffi_frame *f);
void *gk_handle_adam(ffi_frame *f);
void *gk_handle_simple_rnn(ffi_frame *f);
void *gk_handle_lstm(ffi_frame *f);
void *gk_handle_gru(ffi_frame *f);
void *gk_handle_simple_rnn_gradient(ffi_frame *f);
void *gk_handle_lstm_gradient(ffi_frame *f);
void *gk_handle_gru_gradient(ffi_frame *f);
void *gk_handle_attention(ffi_frame *f);
void *gk_handle_attention_gradient(ffi_frame *f);
void *gk_handle_layernorm(ffi_frame *f);
void *gk_handle_layernorm_gradient(ffi_frame *f);

#endif
