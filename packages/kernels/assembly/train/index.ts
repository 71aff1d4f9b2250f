// Fast, inexact training (src/wasm/train-session.ts): a program of ops, and the constants they read. The argument words of an op are listed where it is
// defined; all addresses and strides are bytes unless said. R = windows x window rows; stride = floats of a row, a multiple of 8, its padding always 0.
export { prepare } from './fast-math';
export { runProgram } from './program';
