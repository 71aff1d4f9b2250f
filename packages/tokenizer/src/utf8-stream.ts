// Text from bytes that arrive in pieces; a piece of text never ends inside a character.

/** Decodes chunks of UTF-8; ill-formed bytes become U+FFFD. */
export function* decodeUtf8Stream(chunks: Iterable<Uint8Array>): Iterable<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for (const chunk of chunks) {
    const piece = decoder.decode(chunk, { stream: true });
    if (piece !== '') yield piece;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}
