// Handshake patterns as data (Noise revision 34, sections 7 and 8). A token reads from the initiator's side: `es` is
// initiator's ephemeral with responder's static.

export type NoiseToken = 'e' | 's' | 'ee' | 'es' | 'se' | 'ss';

export interface NoisePattern {
  readonly name: string;
  /** Static keys known before the first message. */
  readonly preMessages: { readonly initiator: boolean; readonly responder: boolean };
  /** Messages in order; the initiator sends the even ones. */
  readonly messages: readonly (readonly NoiseToken[])[];
}

/** Both static keys travel encrypted; neither side needs to know the other's beforehand (section 7.5). */
export const XX: NoisePattern = {
  name: 'XX',
  preMessages: { initiator: false, responder: false },
  messages: [['e'], ['e', 'ee', 's', 'es'], ['s', 'se']],
};

/** The initiator knows the responder's static key: the handshake of BOLT 8 (section 7.5). */
export const XK: NoisePattern = {
  name: 'XK',
  preMessages: { initiator: false, responder: true },
  messages: [
    ['e', 'es'],
    ['e', 'ee'],
    ['s', 'se'],
  ],
};
