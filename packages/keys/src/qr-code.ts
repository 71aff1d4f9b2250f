// QR codes for terminals and printed pages (ISO/IEC 18004).

import { encodeQR } from 'qr';

/**
 * Lines of half blocks with two modules of quiet zone. The blocks are the light modules, as a dark terminal needs it; scanners read the reverse
 * of a light one too, most of them.
 */
export function qrForTerminal(text: string): string {
  return encodeQR(text, 'ascii', { ecc: 'medium', border: 2 });
}

/** An SVG element. */
export function qrAsSvg(text: string): string {
  return encodeQR(text, 'svg', { ecc: 'medium', border: 4 });
}
