/**
 * Claims the next task of an op; the first word of every op's arguments is the counter, which program.ts sets to 0 before each run.
 * Tasks have the same boundaries whatever the number of threads, and each output element belongs to one task, so it does not matter
 * for the result which thread runs which: a thread that the system interrupts only does fewer of them.
 */
// @ts-ignore: decorator
@inline
export function nextTask(args: usize): i32 {
  return atomic.add<i32>(args, 1);
}

/** Offset in an op's arguments of the counter of finished tasks. */
export const FINISHED_COUNTER: usize = 120;

/** Counts a finished task; true for the last of all `tasks`, when what all of them wrote can be read. */
// @ts-ignore: decorator
@inline
export function finishTask(args: usize, tasks: i32): bool {
  return atomic.add<i32>(args + FINISHED_COUNTER, 1) == tasks - 1;
}

// @ts-ignore: decorator
@inline
export function least(a: i32, b: i32): i32 {
  return a < b ? a : b;
}
