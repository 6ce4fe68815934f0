// Package order is what a bank is asked to do: a [Batch] of [Instruction]
// values (支付指令), from a [Source] that can be gone over twice. A format says
// by its [Form] what it can hold; [Validate] lists every problem of every row
// before a byte is written, and [Output] counts and digests what is.
package order
