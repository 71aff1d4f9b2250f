/**
 * First of the items that belong to `thread` when `items` are dealt to `threads` in runs of whole `unit`s, as evenly as possible.
 * The items of a thread are `[splitStart(.., thread, ..), splitStart(.., thread + 1, ..))`. Every output has exactly one owner, so a
 * result never depends on the number of threads.
 */
// @ts-ignore: decorator
@inline
export function splitStart(items: i32, unit: i32, thread: i32, threads: i32): i32 {
  const units = (items + unit - 1) / unit;
  const start = <i32>((<i64>units * thread) / threads) * unit;
  return start < items ? start : items;
}
