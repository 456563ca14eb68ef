/** The text of a file that was chosen, in the encodings that people have them in: as src/domain/decoded.rs reads it. */

/** @param {Uint8Array} bytes @param {string} encoding */
function decode(bytes, encoding) {
  const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  if (/[\0-\x08\x0e-\x1f]/.test(text)) throw new TypeError('control characters');
  return text;
}

/** The encoding by its byte order mark, its look, or its XML declaration. @param {Uint8Array} bytes */
function encodingOf(bytes) {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return 'utf-16be';
  const start = new TextDecoder('latin1').decode(bytes.slice(0, 256));
  const [, declared = 'utf-8'] = /^\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']+)["']/.exec(start) ?? [];
  // A declaration that can be read byte by byte is no UTF-16.
  return /^utf-16/i.test(declared) || start.startsWith('ï»¿') ? 'utf-8' : declared;
}

/**
 * The text of bytes; undefined where they are none.
 * @param {Uint8Array} bytes
 */
export function textOfBytes(bytes) {
  try {
    return decode(bytes, encodingOf(bytes));
  } catch {
    return undefined;
  }
}

/** @param {Uint8Array} bytes */
export function base64OfBytes(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

/** @param {File} file */
export async function bytesOf(file) {
  return new Uint8Array(await file.arrayBuffer());
}
