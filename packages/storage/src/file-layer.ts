// The few file operations that durable state needs. Everything synchronous: an operation has happened, or has thrown, when it returns;
// it is durable only after `syncFile` (bytes) and `syncFolder` (names).

export interface FileLayer {
  /** Makes a folder and the ones above it, durably. */
  makeFolder(path: string): void;
  /** Names in a folder, ascending; none if the folder is not there. */
  list(path: string): string[];
  /** Bytes in a file, or null if it is not there. */
  sizeOf(path: string): number | null;
  /** Exactly `length` bytes from `offset`; throws if the file is shorter. */
  read(path: string, offset: number, length: number): Uint8Array;
  /** Writes at an offset; makes the file, and a hole before the offset, if need be. */
  write(path: string, offset: number, bytes: Uint8Array): void;
  truncate(path: string, length: number): void;
  syncFile(path: string): void;
  syncFolder(path: string): void;
  /** Replaces `to` atomically. Both names lie in the same file system. */
  rename(from: string, to: string): void;
  /** Whether `rename` can move between the two folders (same file system). */
  canRename(fromFolder: string, toFolder: string): boolean;
  /** Removes a file; nothing happens if it is not there. */
  remove(path: string): void;
}
