// Prose out of the documentation files of packages: Markdown as it is, declarations by their doc comments.

/** The text of one documentation file; line ends are normalised so that every platform gets the same bytes. */
export function documentText(path: string, content: string): string {
  const text = content.replace(/\r\n?/g, '\n');
  return path.endsWith('.d.ts') ? docComments(text) : text;
}

/** The doc comments of a TypeScript declaration file without their stars, a blank line between two. */
export function docComments(source: string): string {
  const comments = [...source.matchAll(/\/\*\*([\s\S]*?)\*\//g)].map((match) =>
    (match[1] ?? '')
      .split('\n')
      .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
      .join('\n')
      .trim(),
  );
  return comments.filter((comment) => comment.length > 0).join('\n\n');
}

/** Cuts a text at blank lines into sections of about `length` characters; nothing is lost, nothing repeated. */
export function sections(text: string, length: number): string[] {
  const found: string[] = [];
  let start = 0;
  while (start < text.length) {
    const cut = text.length - start <= length ? -1 : text.indexOf('\n\n', start + length);
    const end = cut < 0 ? text.length : cut + 2;
    found.push(text.slice(start, end));
    start = end;
  }
  return found;
}
