// Fast, inexact training: every op (thread, threads, args) of the WASM trainer. Argument words are listed at each op; all addresses and strides are bytes
// unless said. Array shapes: R = windows x window rows, stride = width rounded up to 8, padding always 0.
export { adamw, squareSums } from './adamw';
export { convolutionBackward, convolutionForward } from './convolution';
export { crossEntropy } from './cross-entropy';
export { embedBackward, embedForward } from './embedding';
export { prepare } from './fast-math';
export { gemm, gemmTransposedA } from './gemm';
export { packATransposed, packBPlain, packBTransposed } from './gemm-pack';
export { muon } from './muon';
export { clear, normBackward, normForward } from './norm';
export { scanBackward, scanForward } from './recurrence';
export { slotsBackward, slotsForward } from './slots';
export { swigluBackward, swigluForward } from './swiglu';
