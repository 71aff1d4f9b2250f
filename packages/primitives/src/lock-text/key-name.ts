// Names of keys in the text of locks.

const MAX_NAME_LENGTH = 40;

/** A letter, then letters, digits, `.`, `-` and `_`: at most 40 characters in all, so that no name looks like a key's 64 digits. */
export function isKeyName(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && /^[A-Za-z][A-Za-z0-9._-]*$/.test(text);
}
