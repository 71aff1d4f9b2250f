/** A rehearsal that did not go as it must: of the network, that would be money lost. */
export class RehearsalError extends Error {
  readonly code = 'rehearsal-failed';
}
