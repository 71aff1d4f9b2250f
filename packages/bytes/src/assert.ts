// Assertions on our own invariants. They stay on in production: a broken invariant stops the process (docs/ARCHITECTURE.md, errors).

/** A bug of ours. Never thrown for what came from outside, never caught except to stop. */
export class AssertionFailure extends Error {
  override readonly name: string = 'AssertionFailure';
}

/**
 * Asserts an invariant of our own code.
 * @throws AssertionFailure with the message if the condition does not hold.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionFailure(message);
}
